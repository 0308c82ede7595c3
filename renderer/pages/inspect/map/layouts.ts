/** How items are laid out in the plane. */
export const LAYOUTS = ['axes', 'neighbourhoods'] as const
export type MapLayout = (typeof LAYOUTS)[number]
