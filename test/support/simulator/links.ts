import { createHmac, randomBytes } from 'node:crypto';

export type LinkCheck = 'good' | 'expired' | 'wrong signature';

/** Makes and checks the presigned links of images, the way object stores do. */
export class ImageLinks {
	readonly #secret = randomBytes(32);

	constructor(
		private readonly origin: () => string,
		private readonly now: () => number,
	) {}

	/**
	 * A fresh link.
	 * @param path from the root, as `/images/<task id>/0.png`
	 * @param timeToLiveSeconds 0 = never expires: a sibling model's permanent links came with a
	 * time to live of "0"
	 */
	create(path: string, timeToLiveSeconds: number): string {
		const expires = timeToLiveSeconds === 0 ? 0 : this.#seconds() + timeToLiveSeconds;
		return `${this.origin()}${path}?expires=${expires}&signature=${this.#sign(path, String(expires))}`;
	}

	check(path: string, expires: string, signature: string): LinkCheck {
		if (signature !== this.#sign(path, expires)) return 'wrong signature';
		return expires === '0' || this.#seconds() < Number(expires) ? 'good' : 'expired';
	}

	#seconds(): number {
		return Math.floor(this.now() / 1000);
	}

	#sign(path: string, expires: string): string {
		return createHmac('sha256', this.#secret).update(`${path}?${expires}`).digest('hex');
	}
}
