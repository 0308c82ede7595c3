import { expect, test } from 'vitest'
import type { Progress } from '../../../main/contract/shapes/progress.ts'
import { encodeSide } from '../../../main/engine/features/encode.ts'
import { fitEncoders } from '../../../main/engine/features/fit.ts'
import { memoryDataset } from '../../helpers/dataset.ts'
import { bookings, DAY, everyItemFeature, everyUserFeature, fit, guests, listings, market, plain, specOf, START } from './market.ts'

test('the frozen encoders of a market', async () => {
  const encoders = await fit(specOf(everyUserFeature, everyItemFeature), market())
  expect(encoders).toEqual(JSON.parse(JSON.stringify(encoders)))
  expect(Object.fromEntries([...encoders.user, ...encoders.item].map(({ feature, state }) => [`${feature.kind} ${feature.name}`, state])))
    .toMatchInlineSnapshot(`
    {
      "category city": {
        "storage": "text",
        "vocabulary": {
          "buckets": 8,
        },
      },
      "category room": {
        "storage": "text",
        "vocabulary": {
          "values": [
            "private",
            "entire",
          ],
        },
      },
      "geo place": {
        "cells": [
          {
            "values": [
              "-2,-2",
              "-2,-3",
              "2,3",
            ],
          },
          {
            "values": [
              "-1,-1",
              "0,0",
            ],
          },
        ],
        "hasMissing": true,
        "latitude": 42.67,
        "longitude": -73.73666666724581,
        "scaleKm": 9.608353092430136,
        "x": {
          "mean": 4.7347962883748096e-8,
          "sd": 2.145886560544208,
        },
        "y": {
          "mean": -2.6334490144108713e-13,
          "sd": 2.402088273107534,
        },
      },
      "history booked": {
        "eventCodes": [
          0,
        ],
        "shared": null,
        "vocabulary": {
          "values": [
            "b",
            "a",
          ],
        },
      },
      "history history": {
        "eventCodes": null,
        "shared": "id",
        "vocabulary": null,
      },
      "id id": {
        "vocabulary": {
          "values": [
            "b",
            "a",
            "c",
            "d",
          ],
        },
      },
      "number age": {
        "edges": null,
        "hasMissing": true,
        "moments": {
          "mean": 47.5,
          "sd": 16.5,
        },
      },
      "number band": {
        "edges": [
          60,
          80,
        ],
        "hasMissing": false,
        "moments": null,
      },
      "number price": {
        "edges": null,
        "hasMissing": false,
        "moments": {
          "mean": 4.816820373567985,
          "sd": 1.3108968033876551,
        },
      },
      "number rating": {
        "edges": null,
        "hasMissing": true,
        "moments": {
          "mean": 4.166666666666667,
          "sd": 0.7717224601860151,
        },
      },
      "tags amenities": {
        "storage": "list",
        "vocabulary": {
          "values": [
            "wifi",
            "sauna",
          ],
        },
      },
      "text title": {
        "storage": "text",
      },
      "time listed": {
        "age": {
          "mean": 2.507286417400543,
          "sd": 0.9630563212634323,
        },
        "hasMissing": true,
        "reference": 1700086400,
      },
      "time when": {
        "age": {
          "mean": 0.45787294385416283,
          "sd": 0.2916343126309033,
        },
        "hasMissing": false,
        "reference": 1700086400,
      },
      "vector photo": {
        "width": 2,
      },
    }
  `)
  expect(encoders.tables.map(({ name, rows, dim }) => `${name} ${rows}×${dim}`)).toMatchInlineSnapshot(`
    [
      "user.id 4×4",
      "user.city 9×2",
      "user.when.hour 25×2",
      "user.when.weekday 8×2",
      "user.booked 3×3",
      "item.id 5×4",
      "item.room 3×3",
      "item.amenities 3×3",
      "item.band 4×2",
      "item.title 65×4",
      "item.place.cell0 4×2",
      "item.place.cell1 3×2",
      "item.listed.hour 25×2",
      "item.listed.weekday 8×2",
    ]
  `)
  expect([encoders.userLayout, encoders.itemLayout].map(({ denseNames }) => denseNames.join(' '))).toMatchInlineSnapshot(`
    [
      "age age.missing when.age",
      "price rating rating.missing place.x place.y place.sin0.x place.cos0.x place.sin0.y place.cos0.y place.missing listed.age listed.missing photo.0 photo.1",
    ]
  `)
})

test('the inputs of two listings, column by column and table by table', async () => {
  const encoders = await fit(specOf([{ kind: 'id', dim: 2 }], everyItemFeature), market())
  const encoded = await encodeSide(encoders, 'item', market())
  const named = (e: number): object => {
    const { dense, bags } = plain(encoded, e)
    const columns = encoders.itemLayout.denseNames.map((name, k): [string, string] => [name, dense[k]!.toFixed(4)])
    const tables = Object.entries(bags).map(([table, rows]): [string, string] => [
      table,
      table === 'item.title' ? `${rows.length} rows` : rows.join(' '),
    ])
    return Object.fromEntries([...columns, ...tables])
  }
  expect({ a: named(0), cold: named(3) }).toMatchInlineSnapshot(`
    {
      "a": {
        "item.amenities": "1 2",
        "item.band": "3",
        "item.id": "2",
        "item.listed.hour": "23",
        "item.listed.weekday": "7",
        "item.place.cell0": "2",
        "item.place.cell1": "1",
        "item.room": "2",
        "item.title": "19 rows",
        "listed.age": "-0.1136",
        "listed.missing": "0.0000",
        "photo.0": "0.6000",
        "photo.1": "0.8000",
        "place.cos0.x": "0.9371",
        "place.cos0.y": "0.7471",
        "place.missing": "0.0000",
        "place.sin0.x": "-0.3489",
        "place.sin0.y": "-0.6647",
        "place.x": "-0.5080",
        "place.y": "-0.9258",
        "price": "-0.3222",
        "rating": "0.4319",
        "rating.missing": "0.0000",
      },
      "cold": {
        "item.amenities": "1 0",
        "item.band": "3",
        "item.id": "0",
        "item.listed.hour": "23",
        "item.listed.weekday": "2",
        "item.place.cell0": "0",
        "item.place.cell1": "0",
        "item.room": "0",
        "item.title": "26 rows",
        "listed.age": "-1.8837",
        "listed.missing": "0.0000",
        "photo.0": "0.7071",
        "photo.1": "0.7071",
        "place.cos0.x": "0.9500",
        "place.cos0.y": "0.3251",
        "place.missing": "0.0000",
        "place.sin0.x": "0.3123",
        "place.sin0.y": "-0.9457",
        "place.x": "-10.0000",
        "place.y": "10.0000",
        "price": "3.2712",
        "rating": "-4.1034",
        "rating.missing": "0.0000",
      },
    }
  `)
})

test('fitting tells which feature it is at', async () => {
  const told: Progress[] = []
  for await (const progress of fitEncoders(specOf(everyUserFeature.slice(0, 2), everyItemFeature.slice(0, 1)), market(), ['train']))
    told.push(progress)
  expect(told.map(({ done, total, note }) => `${done}/${total} ${note}`)).toEqual(['0/3 user.id', '1/3 user.city', '2/3 item.id'])
})

test('nothing outside the training part moves the encoders', async () => {
  const spec = specOf(everyUserFeature, everyItemFeature)
  const held = memoryDataset({
    interactions: bookings.filter(({ part }) => part === undefined),
    users: guests.map((row) => (row.id === '10' ? { id: '10', city: 'Nowhere', age: 3 } : row)),
    items: listings.map((row) =>
      row.id === 'cold'
        ? { ...row, room: 'igloo', price: 1, rating: 0, lat: -10, lon: 170, listed: 0, amenities: ['ice'], title: 'Ice' }
        : row,
    ),
  })
  expect(await fit(spec, held)).toEqual(await fit(spec, market()))
})

test('the final fit also counts validation', async () => {
  const dataset = market()
  const encoders = await fit(specOf(everyUserFeature, everyItemFeature), dataset, ['train', 'validation'])
  expect(encoders.referenceTime).toBe(START + 2 * DAY)
  expect(encoders.user.at(-1)!.state['vocabulary']).toEqual({ values: ['b', 'a', 'd'] })
})
