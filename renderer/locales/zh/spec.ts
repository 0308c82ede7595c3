/** Names and explanations of a spec's fields; see pages/new-run/form/texts.ts. An empty explanation is the contract's English one. */
export const specTexts: Readonly<Record<string, readonly [label: string, text: string]>> = {
  userTower: ['用户塔', ''],
  itemTower: ['物品塔', ''],
}
