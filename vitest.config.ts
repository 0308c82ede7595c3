import { defineConfig } from 'vitest/config'

/** `unit` is the quick loop; `pipeline` runs the real stages and the command line in throw-away workspaces. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], environment: 'node', pool: 'forks' } },
      {
        test: { name: 'pipeline', include: ['test/pipeline/**/*.test.ts'], environment: 'node', pool: 'forks', testTimeout: 300_000, hookTimeout: 300_000 },
      },
    ],
  },
})
