/** The page: built for the custom protocol of the desktop program and for the browser host alike, hence relative paths. */
import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

const at = (path: string): string => resolve(import.meta.dirname, path)

export default defineConfig({
  root: at('renderer'),
  base: './',
  resolve: { alias: { '@contract': at('main/contract'), '@': at('renderer') } },
  plugins: [vue()],
  define: { __VUE_I18N_LEGACY_API__: false, __VUE_I18N_FULL_INSTALL__: false, __INTLIFY_PROD_DEVTOOLS__: false },
  server: { host: '127.0.0.1' },
  build: { outDir: at('out/renderer'), emptyOutDir: true, target: 'es2023', rolldownOptions: { input: at('renderer/index.html') } },
})
