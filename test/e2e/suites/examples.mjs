import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { credentialType, nodeType, withCredential } from '../../../scripts/lib/examples.mjs';
import { examplesFolder } from '../../../scripts/lib/paths.mjs';
import { examplesThatSleep } from '../exampleVariants.mjs';

const files = readdirSync(examplesFolder).filter((name) => name.endsWith('.json'));
// Those that sleep for minutes are run by durable-workflows.test.mjs.
const sleeping = await examplesThatSleep();

/**
 * @param {{ nodes: any[] }} workflow
 * @returns {any} a copy whose nodes that need an account elsewhere are switched off: n8n hands
 *   their items on. test/neighbours runs them.
 */
function withoutOtherAccounts(workflow) {
	const isOther = ({ credentials = {} }) =>
		Object.keys(credentials).some((type) => type !== credentialType);
	return {
		...workflow,
		nodes: workflow.nodes.map((node) => (isOther(node) ? { ...node, disabled: true } : node)),
	};
}

/** @param {() => import('../environment.mjs').Environment} environment */
export function testExamples(environment) {
	describe('its examples', () => {
		for (const file of files.filter((name) => !sleeping.includes(name))) {
			it(`${file} can be imported and gives a picture`, async () => {
				const example = JSON.parse(readFileSync(join(examplesFolder, file), 'utf8'));
				const workflow = await environment().n8n.ensureWorkflow(
					withCredential(withoutOtherAccounts(example), await environment().credential()),
				);
				const execution = await environment().n8n.run(workflow, { timeout: 90_000 });
				assert.equal(execution.failure, undefined);
				const [item] = execution.items();
				const picture = await environment().n8n.downloadBinary(item.binary.data);
				assert.ok(picture.length > 1000);
			});
		}

		for (const file of files) {
			it(`${file} holds no secret and an explanation`, () => {
				const { nodes } = JSON.parse(readFileSync(join(examplesFolder, file), 'utf8'));
				assert.ok(nodes.some(({ type }) => type === 'n8n-nodes-base.stickyNote'));
				for (const node of nodes.filter(({ type }) => type === nodeType)) {
					assert.equal(node.credentials.flux2FlexApi.id, null);
				}
			});
		}
	});
}
