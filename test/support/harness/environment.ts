/**
 * Gives n8n's engine a home of its own, so a test never touches the `~/.n8n` of whoever runs it.
 * Must be loaded before anything of n8n-core: it reads these variables once, when first used.
 */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The engine's user folder. n8n creates it on first use. */
export const userFolder = join(tmpdir(), `n8n-harness-${randomUUID()}`);

process.env.N8N_USER_FOLDER = userFolder;
process.env.N8N_ENCRYPTION_KEY = 'encryption-key-of-the-harness';

const removeUserFolder = () => rmSync(userFolder, { recursive: true, force: true });

// Jest's own hook when there is one: an 'exit' listener would outlive the test file's sandbox.
if (typeof afterAll === 'function') afterAll(removeUserFolder);
else process.once('exit', removeUserFolder);
