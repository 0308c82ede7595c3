/// <reference types="vite/client" />

/** For the linter, which does not read components; the type check does. */
declare module '*.vue' {
  import type { DefineComponent } from 'vue'
  const component: DefineComponent
  export default component
}
