/** What one of the maps side by side shows. */
export interface MapView {
  readonly name: string
  readonly points: Float32Array
  readonly colours: Uint8Array
  readonly labels: readonly { readonly x: number; readonly y: number; readonly text: string }[]
  readonly label: string
}
