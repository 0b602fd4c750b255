import { blackForestLabs } from './blackForestLabs';
import { jieKou } from './jieKou';
import { novita } from './novita';
import type { Service } from './service';

/** Every service there is; a new one is one line here. */
export const services = [novita, jieKou, blackForestLabs] as const satisfies Service[];

/** The service with this id, undefined when there is none. */
export function findService(id: unknown): Service | undefined {
	return services.find((service) => service.id === id);
}
