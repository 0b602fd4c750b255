import { join } from 'node:path';

import type { BenchmarkCase } from './cases';
import { Child } from './childProcess';
import type { ContestantQuestion, RunReport } from './contestantProcess';
import type { Surroundings } from './contestants';
import { calmestOf, measurementOf, type Measurement } from './measurement';
import type { ServiceReport, ServiceSettings, SimulatorQuestion } from './simulatorProcess';

/** Tasks that end at once, for what is not measured. */
const WARM_UP_SERVICE: ServiceSettings = {
	durations: { median: 0, spread: 0 },
	imageBytes: 10_000,
};

interface Raw {
	run: RunReport;
	service: ServiceReport;
}

/** Runs contestants, each in a process of its own, against a simulator in another. */
export class Laboratory {
	private readonly simulator = Child.start(join(__dirname, 'simulatorProcess.ts'));
	/** What need not be measured again: one task at a time never meets a limit. */
	private readonly oneByOne = new Map<string, Raw>();

	constructor(private readonly folders: Omit<Surroundings, 'serviceUrl'>) {}

	/**
	 * Measures all contestants of a case, one after the other.
	 *
	 * @throws Error when a process fails; what a contestant does wrong is in the measurement
	 */
	async measure(benchmarkCase: BenchmarkCase): Promise<Measurement[]> {
		const rounds: Measurement[][] = [];
		for (let round = 0; round < (benchmarkCase.rounds ?? 1); round++) {
			rounds.push(await this.measureRound(benchmarkCase));
		}
		return benchmarkCase.contestants.map((_, index) =>
			calmestOf(rounds.flatMap((round) => round[index] ?? [])),
		);
	}

	private async measureRound(benchmarkCase: BenchmarkCase): Promise<Measurement[]> {
		const { contestants, service, itemCount } = benchmarkCase;
		const warmUpUrl = await this.startService('warm-up', WARM_UP_SERVICE);
		const serviceUrl = await this.startService('measured', service);
		const runs = contestants.map(({ name, measuredItems = itemCount }) => {
			const key = JSON.stringify([name, service.durations, measuredItems]);
			const known = this.oneByOne.get(key);
			const child = known ? undefined : Child.start(join(__dirname, 'contestantProcess.ts'));
			return { name, measuredItems, key, known, child };
		});
		try {
			await Promise.all(
				runs.map(async ({ name, child }) => {
					const preparation = {
						name,
						settings: benchmarkCase.settings,
						surroundings: { ...this.folders, serviceUrl },
						warmUpUrl,
					};
					await child?.ask<void>({ kind: 'prepare', preparation } satisfies ContestantQuestion);
				}),
			);
			const measurements: Measurement[] = [];
			for (const { name, measuredItems, key, known, child } of runs) {
				const question = { kind: 'measure', itemCount: measuredItems } as const;
				const raw = known ?? (await this.run(child, question));
				if (name === 'oneByOne') this.oneByOne.set(key, raw);
				measurements.push(measurementOf(benchmarkCase, name, measuredItems, raw.run, raw.service));
			}
			return measurements;
		} finally {
			await Promise.all(runs.map(async ({ child }) => await child?.end()));
		}
	}

	async close(): Promise<void> {
		await this.simulator.end();
	}

	private async run(child: Child | undefined, question: ContestantQuestion): Promise<Raw> {
		const run = await child?.ask<RunReport>(question);
		if (run === undefined) throw new Error('The contestant has no process');
		const report: SimulatorQuestion = { kind: 'reportAndReset', name: 'measured' };
		return { run, service: await this.simulator.ask<ServiceReport>(report) };
	}

	private async startService(name: string, settings: ServiceSettings): Promise<string> {
		const question: SimulatorQuestion = { kind: 'start', name, settings };
		return await this.simulator.ask<string>(question);
	}
}
