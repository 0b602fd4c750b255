/** Every reason the service documents, with what the user is told about it. */
export interface DocumentedReason {
	status: number;
	reason: string;
	/** What a submit that was answered like this may have done. */
	submit: 'nothing, for good' | 'nothing, for now' | 'perhaps a task';
	says: RegExp;
}

const list = (
	submit: DocumentedReason['submit'],
	says: RegExp,
	...reasons: Array<[status: number, reason: string]>
): DocumentedReason[] => reasons.map(([status, reason]) => ({ status, reason, submit, says }));

export const documentedReasons: DocumentedReason[] = [
	...list('nothing, for good', /did not accept the request.*'Prompt'/s, [
		400,
		'INVALID_REQUEST_BODY',
	]),
	...list('nothing, for good', /did not accept the request.*'Size'/s, [400, 'INVALID_IMAGE_SIZE']),
	...list(
		'nothing, for good',
		/could not use a reference image.*'Reference Images'/s,
		[400, 'IMAGE_FILE_EXCEEDS_MAX_SIZE'],
		[400, 'INVALID_IMAGE_FORMAT'],
		[400, 'IMAGE_EXCEEDS_MAX_RESOLUTION'],
	),
	...list(
		'nothing, for good',
		/refused the content.*'Prompt'/s,
		[400, 'ILLEGAL_PROMPT'],
		[400, 'ILLEGAL_IMAGE_CONTENT'],
	),
	...list(
		'nothing, for good',
		/balance.*empty.*Top up/s,
		[400, 'BILLING_BALANCE_NOT_ENOUGH'],
		[403, 'NOT_ENOUGH_BALANCE'],
		[403, 'BILLING_AUTH_FAILED'],
	),
	...list(
		'nothing, for good',
		/did not accept the API key.*'API Key'/s,
		[400, 'MISSING_API_KEY'],
		[401, 'FAILED_TO_AUTH'],
		[401, 'UNAUTHORIZED'],
		[403, 'INVALID_API_KEY'],
	),
	...list(
		'nothing, for good',
		/not allowed to use/,
		[403, 'FEATURE_NOT_ALLOWED'],
		[403, 'API_NOT_ALLOWED'],
		[403, 'NEED_REAL_NAME_VERIFY'],
		[403, 'ACCESS_DENY'],
	),
	...list(
		'nothing, for good',
		/not available at Novita AI.*404.*'Service'/s,
		[404, 'API_NOT_FOUND'],
		[404, 'MODEL_NOT_FOUND'],
	),
	...list('nothing, for good', /does not know the task/, [404, 'TASK_NOT_FOUND']),
	...list('nothing, for now', /refuses more requests for now.*'Max Concurrent Tasks'/s, [
		429,
		'RATE_LIMIT_EXCEEDED',
	]),
	...list(
		'nothing, for now',
		/not available at the moment/,
		[500, 'CREATE_TASK_FAILED'],
		[503, 'SERVICE_NOT_AVAILABLE'],
	),
	...list(
		'perhaps a task',
		/may exist at Novita AI and be billed.*'Resubmit Unconfirmed'/s,
		[500, 'BILLING_FAILED'],
		[500, 'GET_RESULT_FAILED'],
		[500, 'TASK_FAILED'],
	),
];
