/** The formats a run can be exported in, with what each is for. */

export const EXPORT_FORMATS = {
  bundle: 'everything, as a folder or a .zip that checks itself on loading',
  vectors: 'npy and id lists',
  onnx: 'both towers, weights and encoders',
} as const
export type ExportFormat = keyof typeof EXPORT_FORMATS
/** In the order of the table, for schemas. */
export const EXPORT_FORMAT_NAMES = Object.keys(EXPORT_FORMATS) as [ExportFormat, ...ExportFormat[]]
