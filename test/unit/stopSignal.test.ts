import { getEventListeners } from 'node:events';

import { StopSignal } from '../../nodes/Flux2Flex/timing/stopSignal';

test('A stop is told to everybody, once', () => {
	const signal = new StopSignal();
	const listeners = [jest.fn(), jest.fn(), jest.fn()];
	for (const listener of listeners) signal.onStop(listener);
	expect(signal.stopped).toBe(false);
	signal.stop();
	signal.stop();
	expect(signal.stopped).toBe(true);
	for (const listener of listeners) expect(listener).toHaveBeenCalledTimes(1);
});

test('A signal is stopped before it tells anybody', () => {
	const signal = new StopSignal();
	let seen: boolean | undefined;
	signal.onStop(() => (seen = signal.stopped));
	signal.stop();
	expect(seen).toBe(true);
});

test('Whoever comes late is told at once', () => {
	const signal = new StopSignal();
	signal.stop();
	const listener = jest.fn();
	signal.onStop(listener)();
	expect(listener).toHaveBeenCalledTimes(1);
});

test('Whoever unsubscribed is not told', () => {
	const signal = new StopSignal();
	const [kept, dropped] = [jest.fn(), jest.fn()];
	signal.onStop(kept);
	signal.onStop(dropped)();
	signal.stop();
	expect(kept).toHaveBeenCalledTimes(1);
	expect(dropped).not.toHaveBeenCalled();
});

test('Somebody who subscribes while others are told is told too', () => {
	const signal = new StopSignal();
	const late = jest.fn();
	signal.onStop(() => signal.onStop(late));
	signal.stop();
	expect(late).toHaveBeenCalledTimes(1);
});

describe('A signal that follows the one of the execution', () => {
	test('stops with it', () => {
		const source = new AbortController();
		const signal = StopSignal.following(source.signal);
		expect(signal.stopped).toBe(false);
		source.abort();
		expect(signal.stopped).toBe(true);
	});

	test('is stopped when it has been before', () => {
		expect(StopSignal.following(AbortSignal.abort()).stopped).toBe(true);
	});

	test('may stop on its own', () => {
		const source = new AbortController();
		const signal = StopSignal.following(source.signal);
		signal.stop();
		expect(source.signal.aborted).toBe(false);
		source.abort();
		expect(signal.stopped).toBe(true);
	});

	test('is not stopped when the execution has none', () => {
		expect(StopSignal.following(undefined).stopped).toBe(false);
	});

	test('has one listener there, however many wait', () => {
		const source = new AbortController();
		const signal = StopSignal.following(source.signal);
		for (let count = 0; count < 1000; count++) signal.onStop(() => {});
		expect(getEventListeners(source.signal, 'abort')).toHaveLength(1);
	});
});
