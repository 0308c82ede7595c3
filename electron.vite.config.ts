/**
 * The desktop program: main process, engine and job processes, preload and page. Dependencies stay outside the bundles; the bundles lie
 * beside each other, as the sources of the processes do.
 */
import { cpSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineConfig } from 'electron-vite'
import renderer from './vite.config.ts'

const at = (path: string): string => resolve(import.meta.dirname, path)

/** Files that an export takes along lie beside the bundle that reads them. */
const exportAssets = {
  name: 'export-assets',
  closeBundle: (): void => cpSync(at('main/engine/export/assets'), at('out/main/assets'), { recursive: true }),
}

export default defineConfig({
  main: {
    plugins: [exportAssets],
    build: {
      outDir: 'out/main',
      minify: false, // stacks in crash logs are to be read
      externalizeDeps: { include: ['@tensorflow/tfjs-node'] }, // optional, so not among the dependencies
      rolldownOptions: {
        input: {
          index: at('main/index.ts'),
          engine: at('main/hosts/engine.ts'),
          job: at('main/hosts/job.ts'),
          serve: at('main/hosts/serve.ts'),
        },
        output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      minify: false,
      externalizeDeps: false, // a sandboxed preload is one file
      rolldownOptions: { input: { index: at('preload/index.ts') }, output: { format: 'cjs', entryFileNames: '[name].cjs' } },
    },
  },
  renderer: { ...renderer, build: { ...renderer.build, minify: true } },
})
