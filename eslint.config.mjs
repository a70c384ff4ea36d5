import { builtinModules } from 'node:module';
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const noCore = 'No Node.js modules here.';
const coreModules = {
  paths: builtinModules.map((name) => ({ name, message: noCore })),
  patterns: [{ group: ['node:*'], message: noCore }],
};

const noEnv = {
  object: 'process',
  property: 'env',
  message: 'Options reach code through src/config, which knows their names, types and defaults.',
};
const ambient = (name) => ({
  name,
  message: 'Time, timers and randomness are injected (engine ports), never ambient.',
});

const ambientGlobals = ['performance', 'crypto', 'setTimeout', 'setInterval', 'setImmediate', 'globalThis'].map(
  ambient,
);
const ambientProperties = [
  { object: 'Date', property: 'now', message: 'Take the time from the injected clock.' },
  { object: 'Math', property: 'random', message: 'Take randomness from the injected source.' },
];
const ambientSyntax = [
  { selector: 'NewExpression[callee.name="Date"]', message: 'Take the time from the injected clock.' },
  { selector: 'CallExpression[callee.name="Date"]', message: 'Take the time from the injected clock.' },
];

export default tseslint.config(
  {
    ignores: ['node_modules', '**/dist', 'dist.new', 'coverage', 'data', '.cache', 'src/gen', 'bindings', '**/.venv*'],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-restricted-properties': ['error', noEnv],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  { files: ['src/config/**'], rules: { 'no-restricted-properties': 'off' } },
  {
    files: ['src/**', 'gateway/**'],
    ignores: ['src/main.ts', 'src/cli/**', 'src/app/**'],
    rules: { 'no-console': 'error' },
  },
  {
    files: ['src/engine/**', 'src/domain/**'],
    rules: {
      'no-restricted-globals': ['error', ...ambientGlobals, ambient('process')],
      'no-restricted-imports': ['error', coreModules],
      'no-restricted-properties': ['error', noEnv, ...ambientProperties],
      'no-restricted-syntax': ['error', ...ambientSyntax],
    },
  },
  {
    files: ['test/**', 'bench/**'],
    rules: {
      'no-restricted-properties': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  // Its packages are installed and compiled by the tests: here, what it imports has no types yet.
  { files: ['examples/driver-lmdb/**/*.ts'], extends: [tseslint.configs.disableTypeChecked] },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: Object.fromEntries(
        ['process', 'console', 'URL', 'Buffer', 'fetch', 'AbortController', 'AbortSignal', 'performance']
          .concat(['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate'])
          .concat(['TextEncoder', 'TextDecoder', '__dirname', '__filename', 'module', 'require'])
          .map((name) => [name, 'readonly']),
      ),
    },
  },
);
