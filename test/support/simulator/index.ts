export type { Fault, FaultPlan, FaultyCall, PlannedFault } from './faults';
export type { ImageType, SimulatorOptions } from './options';
export type { ImageRequest } from './image';
export type { Call, RecordedRequest } from './requests';
export type { Simulator } from './server';
export { startSimulator } from './server';
export type { SimulatedTask, WebhookTry } from './tasks';
