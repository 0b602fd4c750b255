import { testedServices, type Meaning, type Refusal } from '../support/services';
import type { VirtualFault } from '../support/virtual/virtualService';
import { VirtualWorld } from '../support/virtual/virtualWorld';
import { formLabels } from './formLabels';

/** What happened, and what the way out must have in it; `%` stands for the service's name. */
type Telling = [message: RegExp, ...wayOut: string[]];

const told: Record<Meaning, Telling> = {
	badKey: [/^% did not accept the API key/, "'API Key'", "'Service'", 'credential'],
	emptyBalance: [/^The balance of your % account is empty/, 'Top up the account at %'],
	notAllowed: [/^Your % account is not allowed to use FLUX/, 'account', 'at %'],
	rateLimit: [/^% refuses more requests for now \(rate limit\)/, "'Max Concurrent Tasks'"],
	filteredContent: [/^% refused the content/, "'Prompt'", "'Reference Images'"],
	unreadableImage: [/^% could not use a reference image/, "'Reference Images'"],
	invalidRequest: [/^% did not accept the request/, "'Prompt'", "'Size'", "'Seed'"],
	routeNotFound: [/not available at % \(404/, "'Service'", "'Base URL'", 'retired'],
	unknownTask: [/^% does not know the task/, "'Task ID'", 'account'],
	overloaded: [/^% is over capacity/, 'later', 'No task was made'],
	unavailable: [/^% is not available at the moment/, 'later'],
};

const unconfirmed: Telling = [/may exist at % and be billed/, "'Resubmit Unconfirmed'", 'account'];

/** Only the service knows what is wrong with the input, so its words stand in the message, too. */
const aboutInput: Meaning[] = ['filteredContent', 'unreadableImage', 'invalidRequest'];

/** What goes wrong at a service, which answers every call like this. */
async function failureAt(service: string, operation: string, fault: VirtualFault) {
	const world = new VirtualWorld({ intercept: () => fault });
	const { error } = await world.run({
		parameters: { operation, prompt: 'a heron', taskId: 'some-task' },
		adjust: (context) => {
			context.getCredentials = async () => ({ service, apiKey: 'a-key' }) as never;
		},
	});
	expect(error?.message).toContain('[item 0]');
	expect(error?.context.itemIndex).toBe(0);
	if (operation === 'getTaskResult') expect(error?.message).toContain('(task some-task)');
	return { message: error?.message, description: error?.description ?? '' };
}

const answerOf = ({ status, body }: Refusal): VirtualFault => ({ kind: 'answer', status, body });

describe.each(testedServices)('What $displayName says', ({ id, displayName, refusals }) => {
	const named = (text: string) => text.replaceAll('%', displayName);

	async function expectTold(operation: string, refusal: Refusal, [what, ...wayOut]: Telling) {
		const failure = await failureAt(id, operation, answerOf(refusal));
		expect(failure.message).toMatch(new RegExp(named(what.source)));
		for (const words of [...wayOut.map(named), refusal.said]) {
			expect(failure.description).toContain(words);
		}
		for (const [, label] of failure.description.matchAll(/'([A-Z][^']*)'/g)) {
			expect(formLabels).toContain(label);
		}
		return failure;
	}

	test.each(refusals)(
		'to a submit, $name, is told with item, meaning, way out and its own words',
		async (refusal) => {
			const { means, submit } = refusal;
			const telling = submit === 'perhaps a task' ? unconfirmed : told[means];
			for (const operation of ['submit', 'submitAndWait']) {
				const { message } = await expectTold(operation, refusal, telling);
				if (aboutInput.includes(means)) expect(message).toContain(refusal.said);
			}
		},
	);

	test.each(refusals)(
		'about a task, $name, is told with item, task, meaning, way out and its own words',
		async (refusal) => {
			const { means, meansOfTask = means } = refusal;
			await expectTold('getTaskResult', refusal, told[meansOfTask]);
		},
	);
});

test.each(['ECONNREFUSED', 'ENOTFOUND', 'CERT_HAS_EXPIRED'])(
	'An address that cannot be reached, because of %s, is told with it, and that nothing was sent',
	async (code) => {
		const { message, description } = await failureAt('novita', 'submit', { kind: 'error', code });
		expect(message).toContain('Novita AI could not be reached at https://api.novita.ai');
		expect(description).toMatch(new RegExp(`Nothing was sent.*'Base URL'.*${code}`));
	},
);

test.each([
	['submit', 'No task was made'],
	['getTaskResult', 'The task is not lost'],
])(
	'A stranger who answers in the place of the service is told as one by %s',
	async (operation, consequence) => {
		const fault: VirtualFault = { kind: 'answer', status: 404, body: '404 page not found' };
		const { message, description } = await failureAt('novita', operation, fault);
		expect(message).toContain(
			'Something between n8n and Novita AI answered in its place: HTTP status 404, "404 page not found"',
		);
		for (const words of [consequence, 'proxy', 'firewall', "'Base URL'"]) {
			expect(description).toContain(words);
		}
	},
);
