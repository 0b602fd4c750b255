import { fork, type ChildProcess } from 'node:child_process';

/** What a child answers: its result, or why there is none. */
type Reply = { value: unknown } | { failure: string };

/** Node's flags for every child: TypeScript, and a garbage collector that can be called. */
const NODE_FLAGS = ['--require', 'tsx/cjs', '--expose-gc'];

/** A process of the benchmark: TypeScript that answers one question after the other. */
export class Child {
	private constructor(private readonly process: ChildProcess) {}

	/** @param file whose code calls {@link answerQuestions} */
	static start(file: string): Child {
		return new Child(fork(file, { execArgv: NODE_FLAGS }));
	}

	/** @throws Error when the child fails, or ends without an answer */
	async ask<Answer>(question: unknown): Promise<Answer> {
		const reply = await new Promise<Reply>((resolve, reject) => {
			const onExit = (code: number | null) =>
				reject(new Error(`A process of the benchmark ended with the exit code ${code}`));
			this.process.once('exit', onExit);
			this.process.once('message', (message) => {
				this.process.off('exit', onExit);
				resolve(message as Reply);
			});
			this.process.send(question as object);
		});
		if ('failure' in reply) throw new Error(reply.failure);
		return reply.value as Answer;
	}

	/** Lets the process end, and waits for it. */
	async end(): Promise<void> {
		const { exitCode, signalCode } = this.process;
		if (exitCode !== null || signalCode !== null) return;
		const ended = new Promise((resolve) => this.process.once('exit', resolve));
		this.process.disconnect();
		await ended;
	}
}

/** The child's side: answers every question, and ends the process when the parent lets go of it. */
export function answerQuestions<Question>(answer: (question: Question) => Promise<unknown>): void {
	process.on('message', (question) => {
		answer(question as Question).then(
			(value) => process.send?.({ value }),
			(error: Error) => process.send?.({ failure: error.stack ?? String(error) }),
		);
	});
	process.once('disconnect', () => process.exit());
}
