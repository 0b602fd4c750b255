import type { Ending, Meaning, TestedService } from '../../support/services';

/** What the user is told of a refusal; `%` stands for the service's name. */
const WORDINGS: Record<Meaning, RegExp> = {
	badKey: /% did not accept the API key.*'API Key'/s,
	emptyBalance: /balance of your % account is empty.*Top up/s,
	notAllowed: /% account is not allowed to use/,
	rateLimit: /% refuses more requests for now.*'Max Concurrent Tasks'/s,
	filteredContent: /% refused the content.*'Prompt'/s,
	unreadableImage: /% could not use a reference image.*'Reference Images'/s,
	invalidRequest: /% did not accept the request.*'Prompt'.*'Size'/s,
	routeNotFound: /not available at %.*404.*'Service'/s,
	unknownTask: /% does not know the task/,
	overloaded: /% is over capacity and takes no more tasks for now/,
	unavailable: /% is not available at the moment/,
};

const ENDINGS: Record<Ending['means'], RegExp> = {
	filtered: /% made no image because of the content.*'Prompt'/s,
	failed: /% could not make the image.*'Reference Images'/s,
};

/** What the user must be told of a refusal. */
export function wordingOf(means: Meaning, service: TestedService): RegExp {
	return named(WORDINGS[means], service);
}

/** What the user must be told of a task that ended without an image. */
export function endingOf(means: Ending['means'], service: TestedService): RegExp {
	return named(ENDINGS[means], service);
}

/** What the user must be told when somebody else answered in the service's place. */
export function strangerAt(service: TestedService, status: number, words: string): RegExp {
	const pattern = `Something between n8n and % answered in its place: HTTP status ${status}, ${words}.*proxy.*firewall.*'Base URL'`;
	return named(new RegExp(pattern, 's'), service);
}

/** What the user must be told of a submit when a stranger's answer may have replaced the service's. */
export function lostToStranger(service: TestedService, status: number, words: string): RegExp {
	const said = words.startsWith('"') ? `with these words: ${words}` : words;
	const pattern = `may exist at % and be billed.*Cause: something between n8n and % answered in its place, HTTP status ${status}, ${said}.*proxy.*firewall.*'Base URL'`;
	return named(new RegExp(pattern, 's'), service);
}

/** What the user must be told of a submit whose answer was lost. */
export function lostAt(service: TestedService): RegExp {
	return named(/may exist at % and be billed.*'Resubmit Unconfirmed'/s, service);
}

function named({ source, flags }: RegExp, { displayName }: TestedService): RegExp {
	return new RegExp(source.replaceAll('%', displayName), flags);
}
