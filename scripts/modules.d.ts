/** What is used here of packages that bring no types. */

declare module 'gulp' {
	const gulp: {
		watch(
			globs: string[],
			options: { cwd: string },
			onChange: () => Promise<void>,
		): { close(): Promise<void> };
	};
	export default gulp;
}

declare module '@n8n/scan-community-package/scanner/scanner.mjs' {
	export const SOURCE_FILE_PATTERNS: string[];
	export function analyzePackage(
		folder: string,
		patterns: string[],
	): Promise<{ passed: boolean; message?: string; details?: string }>;
}
