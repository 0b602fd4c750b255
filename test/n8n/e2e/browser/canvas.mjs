/** The area on which nodes are put and connected. */
export class Canvas {
	/** @param {import('playwright-core').Page} page */
	constructor(page) {
		this.page = page;
	}

	/** @param {string} name */
	node(name) {
		return this.page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`);
	}

	/** Opens the node panel for the first node of an empty workflow. */
	async addFirstNode() {
		await this.page.getByTestId('canvas-plus-button').click();
	}

	/**
	 * Opens the node panel for what follows a node.
	 *
	 * @param {string} name of the node, which has nothing behind it yet
	 */
	async addNodeBehind(name) {
		await this.node(name).getByTestId('canvas-handle-plus').click();
	}

	/**
	 * Opens the node panel for the tools of an agent.
	 *
	 * @param {string} agentName
	 */
	async addTool(agentName) {
		await this.node(agentName)
			.locator('[data-connection-type="ai_tool"]')
			.getByTestId('canvas-handle-plus')
			.click();
	}

	/** @param {string} name of the node whose form shall open */
	async openNode(name) {
		await this.node(name).dblclick();
		await this.page.getByTestId('ndv').waitFor();
	}

	/**
	 * Runs the workflow.
	 *
	 * @param {string} name of the node that has to end, well or not
	 */
	async execute(name) {
		await this.page.getByTestId('execute-workflow-button').click();
		const node = this.node(name);
		await node
			.getByTestId('canvas-node-status-success')
			.or(node.getByTestId('node-issues'))
			.first()
			.waitFor();
	}

	/** Brings all nodes into view and takes the selection from them. */
	async showAll() {
		await this.page.getByTestId('zoom-to-fit').click();
		await this.page.locator('.vue-flow__pane').click({ position: { x: 300, y: 60 } });
		await this.page.locator('.vue-flow__node.selected').waitFor({ state: 'detached' });
	}
}
