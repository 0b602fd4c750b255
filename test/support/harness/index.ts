/**
 * Runs workflows on n8n's real engine, with the nodes of this package from source or as built.
 *
 * ```ts
 * const result = await runWorkflow({
 *   workflow: { nodes, connections },
 *   credentials: { apiKey: 'key', baseUrl: simulator.url },
 * });
 * expect(result.outputs('Flux 2 Flex')[0]).toHaveLength(1);
 * ```
 */
import './environment';

export { readBinary, readSignedBinary, storeBinary } from './binary';
export type { StoredCredential } from './credentials';
export type { BinaryMode, EngineSettings, SsrfProtection } from './engine';
export { engineHas, onlyWith } from './engineVersion';
export type { LogEntry } from './logs';
export { runAsTool, toolNodeName, type ToolRunOptions, type ToolRunResult } from './runAsTool';
export {
	runWorkflow,
	startWorkflow,
	type Flux2FlexCredential,
	type RunOptions,
	type RunResult,
	type WorkflowJson,
	type WorkflowRun,
} from './runWorkflow';
export { passThroughNode } from './standInNodes';
export { testCredential } from './testCredential';
