import type { INode } from 'n8n-workflow';

/** A rectangle on the canvas, in its pixels. */
interface Box {
	left: number;
	top: number;
	right: number;
	bottom: number;
}

/** Those that others are connected to from below. */
const wideNode = /(\.agent|\.mcpTrigger|HitlTool)$/;
export const STICKY_NOTE = 'n8n-nodes-base.stickyNote';

/**
 * Nodes that hide each other, or that a sticky note hides in part; one that lies on a note as a whole
 * is meant to.
 */
export function overlaps(nodes: INode[]): string[] {
	return nodes.flatMap((node, index) =>
		nodes
			.slice(index + 1)
			.filter((other) => areInEachOthersWay(node, other))
			.map((other) => `${node.name} and ${other.name}`),
	);
}

function areInEachOthersWay(node: INode, other: INode): boolean {
	const [one, two] = [boxOf(node), boxOf(other)];
	const apart =
		one.right <= two.left ||
		two.right <= one.left ||
		one.bottom <= two.top ||
		two.bottom <= one.top;
	if (apart) return false;
	const liesOnNote =
		(node.type === STICKY_NOTE && contains(one, two)) ||
		(other.type === STICKY_NOTE && contains(two, one));
	return !liesOnNote;
}

function contains(outer: Box, inner: Box): boolean {
	return (
		outer.left <= inner.left &&
		outer.top <= inner.top &&
		outer.right >= inner.right &&
		outer.bottom >= inner.bottom
	);
}

/** What n8n's editor draws: the square of a node with its name of up to two lines below it. */
function boxOf({ type, position: [left, top], parameters }: INode): Box {
	if (type === STICKY_NOTE) {
		const { width, height } = parameters as { width: number; height: number };
		return { left, top, right: left + width, bottom: top + height };
	}
	const width = wideNode.test(type) ? 240 : 96;
	const label = { besides: 32, below: 64 };
	return {
		left: left - label.besides,
		top,
		right: left + width + label.besides,
		bottom: top + 96 + label.below,
	};
}
