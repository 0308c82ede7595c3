/// <reference types="vite/client" />

/** The type of an imported component for the linter, which reads no components; the type check reads them itself. */
declare module '*.vue' {
  import type { DefineComponent } from 'vue'
  const component: DefineComponent
  export default component
}
