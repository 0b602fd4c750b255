import { blackForestLabs } from './blackForestLabs';
import { falAi } from './falAi';
import { jieKou } from './jieKou';
import { novita } from './novita';
import { replicate } from './replicate';
import type { Service } from './service';

/** Every service there is, as the form sorts them; a new one is one line here. */
export const services = [
	blackForestLabs,
	falAi,
	jieKou,
	novita,
	replicate,
] as const satisfies Service[];

/** The service with this id, undefined when there is none. */
export function findService(id: unknown): Service | undefined {
	return services.find((service) => service.id === id);
}
