import type { JsonWebKey } from 'node:crypto';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';

const USER_ID = 'simulated-user';

/** What the vendor signs its webhooks with. */
export interface FalAiSignature {
	publicKey: JsonWebKey;
	headers: (requestId: string, now: number, body: string) => Record<string, string>;
}

/** A key pair of its own for each simulator; the public key is handed out as a JWK. */
export function createFalAiSignature(): FalAiSignature {
	const { publicKey, privateKey } = generateKeyPairSync('ed25519');
	return {
		publicKey: publicKey.export({ format: 'jwk' }),
		headers: (requestId, now, body) => {
			const timestamp = String(Math.floor(now / 1000));
			const digest = createHash('sha256').update(body).digest('hex');
			const message = [requestId, USER_ID, timestamp, digest].join('\n');
			return {
				'x-fal-webhook-request-id': requestId,
				'x-fal-webhook-user-id': USER_ID,
				'x-fal-webhook-timestamp': timestamp,
				'x-fal-webhook-signature': sign(null, Buffer.from(message), privateKey).toString('hex'),
			};
		},
	};
}
