/**
 * Tells everything that waits to stop. However many wait, the signal it follows gets one listener:
 * Node reports a leak from the eleventh listener of an AbortSignal on.
 */
export class StopSignal {
	private readonly listeners = new Set<() => void>();
	private isStopped = false;

	/** A signal that stops when the given one does (and may stop before). */
	static following(source: AbortSignal | undefined): StopSignal {
		const signal = new StopSignal();
		if (source?.aborted) signal.stop();
		source?.addEventListener('abort', () => signal.stop(), { once: true });
		return signal;
	}

	get stopped(): boolean {
		return this.isStopped;
	}

	stop(): void {
		if (this.isStopped) return;
		this.isStopped = true;
		for (const listener of this.listeners) listener();
		this.listeners.clear();
	}

	/** Calls the listener when the signal stops, at once if it has; returns how to unsubscribe. */
	onStop(listener: () => void): () => void {
		if (this.isStopped) listener();
		else this.listeners.add(listener);
		return () => this.listeners.delete(listener);
	}
}
