import { blackForestLabs } from './blackForestLabs';
import { jieKou } from './jieKou';
import { novita } from './novita';
import type { Service } from './service';

/** Every service the credential offers; a new one is one line here. */
const services: readonly Service[] = [novita, jieKou, blackForestLabs];

/** The service with this id, undefined when there is none. */
export function findService(id: unknown): Service | undefined {
	return services.find((service) => service.id === id);
}

/** The services that have an option of their own under this name. */
export function servicesWithOption(name: string): Service[] {
	return services.filter(({ ownOptions }) => Object.hasOwn(ownOptions, name));
}
