import { Readable } from 'node:stream';

import type { FastifyReply } from 'fastify';

import type { Fault } from './faults';
import { pause } from './pause';

const HUGE_CHUNK = Buffer.alloc(64 * 1024, 0x2e);

const LOGIN_PAGE =
	'<!DOCTYPE html>\n<html><head><title>Sign in</title></head>' +
	'<body><h1>Sign in to the network</h1></body></html>\n';

/** What fastify goes on to send, or `null` when the fault has taken the socket over. */
export type FaultyPayload = Buffer | string | Readable | null;

/**
 * Turns the true reply into the faulty one.
 * @param payload the true reply's body; empty when the fault kept the request from the service
 * @param closing ends what is still going on when the server closes
 */
export async function spoilReply(
	fault: Fault,
	reply: FastifyReply,
	payload: Buffer,
	closing: AbortSignal,
): Promise<FaultyPayload> {
	switch (fault.kind) {
		case 'status':
			return replace(reply, fault.status, ...encodeBody(fault.body), fault.headers);
		case 'html':
			return replace(reply, 200, 'text/html; charset=utf-8', LOGIN_PAGE);
		case 'empty':
			return replace(reply, 200, 'application/json', '');
		case 'json':
			return replace(reply, 200, ...encodeJson(fault.body));
		case 'patch':
			if (fault.status !== undefined) reply.code(fault.status);
			return encodeJson(fault.patch(JSON.parse(payload.toString())))[1];
		case 'redirect':
			return replace(reply, fault.status ?? 302, 'text/plain', '', { location: fault.location });
		case 'body':
			return replace(reply, 200, fault.contentType, fault.bytes);
		case 'huge':
			if (fault.announced) reply.header('content-length', fault.bytes);
			reply.code(200).type(fault.contentType ?? 'application/octet-stream');
			return Readable.from(hugeBody(fault.bytes));
		case 'delay':
			await pause(fault.milliseconds, closing);
			return payload;

		case 'resetBeforeAccept':
		case 'resetBeforeReply':
			reply.hijack();
			// A reset rather than an orderly end: clients have to cope with ECONNRESET.
			reply.raw.socket?.resetAndDestroy();
			return null;
		case 'stall':
			reply.hijack();
			return null;
		case 'stallBody':
			takeOver(reply, payload.length).write(firstHalf(payload));
			return null;
		case 'truncate':
			sendAndEnd(reply, payload.length, firstHalf(payload));
			return null;
		case 'wrongContentLength':
			sendAndEnd(reply, Math.max(0, payload.length + (fault.difference ?? 16)), payload);
			return null;
		case 'slowDrip':
			void drip(reply, payload, fault.bytesPerSecond, closing);
			return null;
	}
}

function replace(
	reply: FastifyReply,
	status: number,
	contentType: string,
	body: string | Buffer,
	headers: Record<string, string> = {},
): string | Buffer {
	reply
		.code(status)
		.type(contentType)
		.header('content-length', Buffer.byteLength(body))
		.headers(headers);
	return body;
}

function encodeBody(body: unknown): [contentType: string, body: string] {
	if (body === undefined) return ['text/plain', ''];
	return typeof body === 'string' ? ['text/plain; charset=utf-8', body] : encodeJson(body);
}

function encodeJson(body: unknown): [contentType: string, body: string] {
	return ['application/json; charset=utf-8', JSON.stringify(body) ?? ''];
}

function* hugeBody(bytes: number): Generator<Buffer> {
	for (let left = bytes; left > 0; left -= HUGE_CHUNK.length) {
		yield left < HUGE_CHUNK.length ? HUGE_CHUNK.subarray(0, left) : HUGE_CHUNK;
	}
}

function firstHalf(payload: Buffer): Buffer {
	return payload.subarray(0, Math.floor(payload.length / 2));
}

/** Sends the headers past fastify, which would put the Content-Length right. */
function takeOver(reply: FastifyReply, contentLength: number) {
	reply.hijack();
	reply.raw.writeHead(reply.statusCode, {
		...(reply.getHeaders() as Record<string, string>),
		'content-length': contentLength,
	});
	return reply.raw;
}

function sendAndEnd(reply: FastifyReply, contentLength: number, body: Buffer): void {
	const response = takeOver(reply, contentLength);
	// Destroying at once could lose bytes that have not left yet.
	response.write(body, () => response.socket?.destroySoon());
}

async function drip(
	reply: FastifyReply,
	payload: Buffer,
	bytesPerSecond: number,
	closing: AbortSignal,
): Promise<void> {
	const response = takeOver(reply, payload.length);
	const step = Math.max(1, Math.round(bytesPerSecond / 20));
	const milliseconds = (step / bytesPerSecond) * 1000;
	for (let sent = 0; sent < payload.length; sent += step) {
		if (response.destroyed || closing.aborted) return;
		response.write(payload.subarray(sent, sent + step));
		await pause(milliseconds, closing);
	}
	response.end();
}
