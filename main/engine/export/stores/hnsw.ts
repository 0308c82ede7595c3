/** The graph that the exports ask each store for, as far as it has these settings: measured in test/interop/stores.test.ts. */
export const HNSW = { m: 16, efConstruction: 128, efSearch: 100 } as const
