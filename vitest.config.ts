import { defineConfig } from 'vitest/config'
import page from './vite.config.ts'

/**
 * `unit` is the quick loop; `renderer` mounts components in a small DOM; `pipeline` runs the real stages and the command line in
 * throw-away workspaces.
 */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], environment: 'node', pool: 'forks' } },
      {
        resolve: page.resolve,
        plugins: page.plugins,
        define: page.define,
        test: { name: 'renderer', include: ['test/renderer/**/*.test.ts'], environment: 'happy-dom', pool: 'forks' },
      },
      {
        test: {
          name: 'pipeline',
          include: ['test/pipeline/**/*.test.ts'],
          environment: 'node',
          pool: 'forks',
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
})
