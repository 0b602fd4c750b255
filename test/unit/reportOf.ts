import type { Service, ServiceAnswer } from '../../nodes/Flux2Flex/services/service';
import type { TaskReport } from '../../nodes/Flux2Flex/services/task';

/**
 * The task in an answer; undefined when the answer makes no sense.
 *
 * @throws Error when the answer leads to another request
 */
export function reportOf(
	service: Service,
	answer: ServiceAnswer,
	taskId: string,
): TaskReport | undefined {
	const report = service.readTask(answer, { taskId });
	if (report !== undefined && !('task' in report)) throw new Error('It leads to another request');
	return report;
}
