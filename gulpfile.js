const { spawn } = require('node:child_process');
const { rm } = require('node:fs/promises');
const { dest, parallel, series, src } = require('gulp');

const clean = () => rm('dist', { recursive: true, force: true });

const compile = () =>
	spawn(process.execPath, [require.resolve('typescript/bin/tsc')], { stdio: 'inherit' });

/** Without `encoding: false` gulp 5 reads every file as UTF-8 text and damages binary ones. */
const copyIcons = () => src('icons/*.svg', { encoding: false }).pipe(dest('dist/icons'));

/** The codex (search words, links) and the output schemas: n8n looks for both beside the built node. */
const copyNodeFiles = () =>
	src('nodes/**/*.json', { base: 'nodes', encoding: false }).pipe(dest('dist/nodes'));

exports.build = series(clean, parallel(compile, copyIcons, copyNodeFiles));
exports.default = exports.build;
