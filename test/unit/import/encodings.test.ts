/** Encodings of before Unicode, told by their bytes or their letters, or as said. */
import { expect, test } from 'vitest'
import { failure, importFiles } from './imported.ts'

const encoded = (start: string, ...words: readonly (readonly number[])[]): Buffer =>
  Buffer.concat([
    Buffer.from(start),
    ...words.map((word, k) => Buffer.concat([Buffer.from(`u${k},`), Buffer.from(word), Buffer.from('\n')])),
  ])
test.each([
  ['gb18030', '商品', [0xc9, 0xcc, 0xc6, 0xb7]],
  ['shift-jis', 'カメラ', [0x83, 0x4a, 0x83, 0x81, 0x83, 0x89]],
  ['euc-kr', '사과', [0xbb, 0xe7, 0xb0, 0xfa]],
  ['euc-jp', 'カメラ', [0xa5, 0xab, 0xa5, 0xe1, 0xa5, 0xe9]],
  ['windows-1251', 'Товар', [0xd2, 0xee, 0xe2, 0xe0, 0xf0]],
  ['windows-1251', 'Привет', [0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]],
  ['big5', '商品', [0xb0, 0xd3, 0xab, 0x7e]],
] as const)('%s is told by its bytes, and can be said', async (encoding, word, bytes) => {
  const file = encoded('user,item\n', bytes, bytes, bytes)
  const { dataset, said } = await importFiles({ 'i.csv': file }, { interactions: 'i.csv' })
  expect(await dataset.ids('item')).toEqual([word])
  expect(said.join()).toContain(`read as ${encoding}`)
  expect(await (await importFiles({ 'i.csv': file }, { interactions: 'i.csv', encoding })).dataset.ids('item')).toEqual([word])
})

/** Titles as catalogues have them, written by Python's codecs (`'…'.encode('koi8-r')`). */
test.each([
  [
    'koi8-r',
    ['Война и мир', 'Мастер и Маргарита', 'ПРЕСТУПЛЕНИЕ И НАКАЗАНИЕ'],
    ['f7cfcacec120c920cdc9d2', 'edc1d3d4c5d220c920edc1d2c7c1d2c9d4c1', 'f0f2e5f3f4f5f0ece5eee9e520e920eee1ebe1fae1eee9e5'],
  ],
  [
    'windows-1253',
    ['Η Οδύσσεια', 'Βίος και πολιτεία', 'Ζορμπάς'],
    ['c720cfe4fdf3f3e5e9e1', 'c2dfeff220eae1e920f0efebe9f4e5dfe1', 'c6eff1ecf0dcf2'],
  ],
  [
    'windows-1255',
    ['שיר השירים', 'סיפור על אהבה וחושך', 'התקווה'],
    ['f9e9f820e4f9e9f8e9ed', 'f1e9f4e5f820f2ec20e0e4e1e420e5e7e5f9ea', 'e4faf7e5e5e4'],
  ],
  [
    'windows-1256',
    ['ألف ليلة وليلة', 'موسم الهجرة إلى الشمال', 'الأيام'],
    ['c3e1dd20e1ede1c920e6e1ede1c9', 'e3e6d3e320c7e1e5ccd1c920c5e1ec20c7e1d4e3c7e1', 'c7e1c3edc7e3'],
  ],
  [
    'iso-8859-2',
    ['Żółta łódź podwodna', 'Příliš žluťoučký kůň', 'Gęśla jaźń śpiewała', 'Tűzön átűtő'],
    [
      'aff3b3746120b3f364bc20706f64776f646e61',
      '50f8ed6c69b920be6c75bb6f75e86bfd206bf9f2',
      '47eab66c61206a61bcf120b67069657761b361',
      '54fb7af66e20e174fb74f5',
    ],
  ],
  [
    'windows-1250',
    ['Żółta łódź podwodna', 'Příliš žluťoučký kůň', 'Gęśla jaźń śpiewała', 'Tűzön átűtő'],
    [
      'aff3b3746120b3f3649f20706f64776f646e61',
      '50f8ed6c699a209e6c759d6f75e86bfd206bf9f2',
      '47ea9c6c61206a619ff1209c7069657761b361',
      '54fb7af66e20e174fb74f5',
    ],
  ],
  [
    'latin-1',
    ['«été» à 20°', '£5 für Öl', '¿Qué? ½ año', 'naïve'],
    ['abe974e9bb20e0203230b0', 'a3352066fc7220d66c', 'bf5175e93f20bd2061f16f', '6e61ef7665'],
  ],
] as const)('%s is told by its letters', async (encoding, titles, hex) => {
  const cells = hex.map((title, k) => Buffer.concat([Buffer.from(`u${k},`), Buffer.from(title, 'hex'), Buffer.from('\n')]))
  const file = Buffer.concat([Buffer.from('user,item\n'), ...cells])
  for (const said of [{}, { encoding }])
    expect((await (await importFiles({ 'i.csv': file }, { interactions: 'i.csv', ...said })).dataset.ids('item')).toSorted()).toEqual(
      titles.toSorted(),
    )
})

test('letters with accents are Latin-1, and a guess can be overruled', async () => {
  const file = Buffer.from('user,item\na,café\nb,Äpfel\nc,déjà\nd,naïve\n', 'latin1')
  const { dataset } = await importFiles({ 'i.csv': file }, { interactions: 'i.csv' })
  expect(await dataset.ids('item')).toEqual(['café', 'déjà', 'naïve', 'Äpfel'])
  expect(await (await importFiles({ 'i.csv': file }, { interactions: 'i.csv', encoding: 'windows-1251' })).dataset.ids('item')).toContain(
    'cafй',
  )
})

test('a byte that is of none of the encodings is refused with its line, not read as a control sign', async () => {
  const file = Buffer.from('user,item\na,x\nb,M\x81ller\n', 'latin1')
  expect(await failure({ 'i.csv': file }, { interactions: 'i.csv' })).toContain('i.csv:3: Byte 0x81 is of no encoding')
  expect((await importFiles({ 'i.csv': file }, { interactions: 'i.csv', encoding: 'latin-1' })).manifest.items).toBe(2)
})
