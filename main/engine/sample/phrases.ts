/**
 * What listings say of themselves: for each latent attribute and both of its ends, an adjective for the title and clauses for the
 * description, in English and Chinese. Several ways to say one thing, so that a model has to learn that they mean the same.
 */
import type { Attribute } from './world.ts'

export interface Phrases {
  readonly adjectives: { readonly en: readonly string[]; readonly zh: readonly string[] }
  readonly clauses: { readonly en: readonly string[]; readonly zh: readonly string[] }
}

/** `high` speaks where the attribute is positive, `low` where it is negative. */
export const PHRASES: Readonly<Record<Attribute, { readonly high: Phrases; readonly low: Phrases }>> = {
  modern: {
    high: {
      adjectives: { en: ['Modern', 'Contemporary', 'Newly built', 'Minimalist'], zh: ['现代', '简约', '全新'] },
      clauses: {
        en: [
          'Everything was renovated last year with clean lines and smart lighting.',
          'A minimalist interior of glass, steel and pale wood.',
          'Contemporary design throughout, keyless entry and underfloor heating.',
          'Brand new building with a lift and automatic blinds.',
        ],
        zh: ['去年全新装修，线条简洁，配有智能灯光。', '玻璃与浅色木材的极简室内设计。', '新建大楼，有电梯和智能门锁。'],
      },
    },
    low: {
      adjectives: { en: ['Traditional', 'Historic', 'Rustic', 'Charming old'], zh: ['传统', '古朴', '历史'] },
      clauses: {
        en: [
          'Original tiles, high ceilings and creaking floorboards from 1890.',
          'A historic house with antique furniture and thick stone walls.',
          'Rustic beams and an old iron stove give it its character.',
          'My grandmother lived here, and much is as she left it.',
        ],
        zh: ['保留着原有的瓷砖和高高的天花板。', '历史悠久的石头老房，摆放着古董家具。', '木梁与铁炉，充满旧日风情。'],
      },
    },
  },
  view: {
    high: {
      adjectives: { en: ['Sunny', 'Panoramic', 'Sea-view', 'Sky-high'], zh: ['海景', '观景', '阳光'] },
      clauses: {
        en: [
          'From the balcony you look out over the water to the horizon.',
          'Panoramic windows: watch the sunset above the roofs.',
          'A sweeping view of the sea and the skyline.',
          'High up, bright all day, with a vista that guests keep photographing.',
        ],
        zh: ['从阳台可以眺望大海与地平线。', '全景落地窗，日落美不胜收。', '高层采光好，景色开阔。'],
      },
    },
    low: {
      adjectives: { en: ['Tucked-away', 'Ground-floor', 'Courtyard'], zh: ['底层', '内院'] },
      clauses: {
        en: [
          'The windows open onto an inner courtyard.',
          'On the ground floor, so no stairs and no view to speak of.',
          'Tucked away behind the front building.',
        ],
        zh: ['窗户朝向内院。', '位于一楼，进出方便，没有景观。'],
      },
    },
  },
  quiet: {
    high: {
      adjectives: { en: ['Quiet', 'Peaceful', 'Calm', 'Tranquil'], zh: ['安静', '宁静', '清幽'] },
      clauses: {
        en: [
          'You will hear birds in the morning and nothing at night.',
          'A peaceful dead-end street without traffic.',
          'Soundproof windows make it a calm place to sleep.',
          'Tranquil and silent, ideal for light sleepers.',
        ],
        zh: ['清晨只有鸟鸣，夜里十分安静。', '位于没有车流的小巷，环境清幽。', '隔音窗户，睡眠安稳。'],
      },
    },
    low: {
      adjectives: { en: ['Lively', 'Vibrant', 'Buzzing', 'Central'], zh: ['热闹', '繁华', '夜生活'] },
      clauses: {
        en: [
          'Bars, clubs and late kitchens are right outside the door.',
          'The street is buzzing until two in the morning.',
          'In the middle of the nightlife: bring ear plugs or come along.',
          'A vibrant corner where something is always going on.',
        ],
        zh: ['楼下就是酒吧和夜宵店。', '街上热闹到凌晨两点。', '身处夜生活的中心。'],
      },
    },
  },
  family: {
    high: {
      adjectives: { en: ['Family', 'Child-friendly', 'Roomy', 'Kid-proof'], zh: ['亲子', '家庭', '宽敞'] },
      clauses: {
        en: [
          'A cot, a high chair and a box of toys are waiting for the little ones.',
          'The playground is across the road and the bedrooms have bunk beds.',
          'Kid-proof from the sockets to the stairs, with room for the pram.',
          'Families with children feel at home here.',
        ],
        zh: ['备有婴儿床、儿童餐椅和玩具。', '对面就是游乐场，卧室有上下铺。', '非常适合带孩子的家庭。'],
      },
    },
    low: {
      adjectives: { en: ["Couple's", 'Compact', 'Snug', 'Adults-only'], zh: ['双人', '小巧', '情侣'] },
      clauses: {
        en: [
          'Best for one person or a couple; not suitable for children.',
          'A snug place for two with an open bathroom.',
          'Compact: one double bed, two chairs, no cot.',
        ],
        zh: ['适合单人或情侣，不适合儿童。', '小巧的双人空间。'],
      },
    },
  },
  luxury: {
    high: {
      adjectives: { en: ['Luxury', 'Elegant', 'Exclusive', 'Designer'], zh: ['豪华', '高端', '奢华'] },
      clauses: {
        en: [
          'Marble bathroom, fine linen and a concierge who answers at once.',
          'An exclusive address with a pool and a hot tub.',
          'Elegant rooms with hand-made furniture and champagne on arrival.',
          'Five-star comfort: rain shower, espresso bar, daily cleaning.',
        ],
        zh: ['大理石浴室、高级床品与管家服务。', '带泳池和按摩浴缸的高端住所。', '五星级享受，每日清洁。'],
      },
    },
    low: {
      adjectives: { en: ['Budget', 'Simple', 'Affordable', 'No-frills'], zh: ['经济', '实惠', '简单'] },
      clauses: {
        en: [
          'Simple and clean, nothing fancy, at a fair rate.',
          'No frills: a bed, a shower and a key.',
          'For backpackers and students who watch their budget.',
          'Affordable, with a shared bathroom on the corridor.',
        ],
        zh: ['简单干净，价格实惠。', '适合背包客和学生。', '没有多余装饰，经济之选。'],
      },
    },
  },
  green: {
    high: {
      adjectives: { en: ['Green', 'Garden', 'Leafy', "Nature-lover's"], zh: ['花园', '绿意', '自然'] },
      clauses: {
        en: [
          'Breakfast under the lemon tree in your own garden.',
          'The park with its running paths begins at the corner.',
          'Surrounded by trees, with bicycles for the river trail.',
          'Leafy terrace, herbs to pick and a hammock in the shade.',
        ],
        zh: ['可以在柠檬树下的花园里吃早餐。', '转角就是公园和跑步道。', '绿树环绕，提供自行车。'],
      },
    },
    low: {
      adjectives: { en: ['City', 'Urban', 'Downtown'], zh: ['市中心', '都市'] },
      clauses: {
        en: [
          'Pure city: asphalt, trams and shops as far as you can see.',
          'An urban base above a busy shopping street.',
          'No garden, but the metro is forty metres away.',
        ],
        zh: ['地处市区，楼下就是商店街。', '没有花园，但地铁就在旁边。'],
      },
    },
  },
  work: {
    high: {
      adjectives: { en: ['Business', 'Work-friendly', 'Executive', 'Nomad'], zh: ['商务', '办公', '远程办公'] },
      clauses: {
        en: [
          'A proper desk, an ergonomic chair, a second screen and gigabit internet.',
          'Made for remote work: fibre, a quiet call corner and a printer.',
          'Business travellers get an invoice and are at the trade fair in ten minutes.',
          'Digital nomads stay for months because of the desk and the connection.',
        ],
        zh: ['配有办公桌、人体工学椅和千兆网络。', '适合远程办公，有打印机和通话角。', '商务旅客十分钟可达会展中心，可开发票。'],
      },
    },
    low: {
      adjectives: { en: ['Holiday', 'Getaway', 'Vacation'], zh: ['度假', '休闲'] },
      clauses: {
        en: [
          'Leave the laptop at home: there is no desk, only a sofa and time.',
          'A holiday place for slow mornings and long dinners.',
          'Made for switching off, the signal is weak and that is the point.',
        ],
        zh: ['把电脑留在家里，这里只有沙发和时光。', '适合度假放松。'],
      },
    },
  },
  arty: {
    high: {
      adjectives: { en: ['Artistic', 'Bohemian', 'Creative', 'Quirky'], zh: ['艺术', '文艺', '创意'] },
      clauses: {
        en: [
          'Paintings by friends on every wall, a record player and many books.',
          "A former studio: the painter's easel still stands by the window.",
          'Bohemian, colourful and a little mad, with galleries next door.',
          'Quirky objects from flea markets tell their own stories.',
        ],
        zh: ['墙上挂满朋友的画作，还有黑胶唱机和许多书。', '由画室改造，窗边仍立着画架。', '波西米亚风格，隔壁就是画廊。'],
      },
    },
    low: {
      adjectives: { en: ['Classic', 'Neutral', 'Practical'], zh: ['实用', '规整'] },
      clauses: {
        en: [
          'Practical and neutral, everything in its place.',
          'Plain white walls and standard furniture, easy to find your way.',
          'Functional, as in a good hotel chain.',
        ],
        zh: ['布置实用，井井有条。', '白墙与标准家具，简洁规整。'],
      },
    },
  },
}

/** Sentences that say nothing of the listing: noise that a text feature has to see through. */
export const FILLERS = {
  en: [
    'Welcome!',
    'Check-in from three in the afternoon.',
    'I am happy to help with tips.',
    'Please take your shoes off.',
    'Towels and sheets are included.',
    'Long stays on request.',
    'Smoking is not allowed.',
    'We look forward to meeting you.',
  ],
  zh: ['欢迎光临！', '下午三点后入住。', '提供毛巾和床单。', '室内禁止吸烟。', '期待与您见面。'],
} as const

/** Openings of a description: {noun}, {quarter} and {city} are filled in. */
export const OPENINGS = {
  en: [
    'This {noun} lies in the {quarter} of {city}.',
    'My {noun} in {city}, {quarter}.',
    'Stay in {city}: a {noun} in the {quarter}.',
    'The {noun} is a short walk from the {quarter} of {city}.',
  ],
  zh: ['这间{noun}位于{city}{quarter}。', '{city}{quarter}的{noun}。', '在{city}住下：{quarter}的{noun}。'],
} as const

/** Titles: {adjective}, {noun}, {quarter}, {city}. */
export const TITLES = {
  en: [
    '{adjective} {noun} in {quarter}, {city}',
    '{adjective} {noun}, {city} {quarter}',
    '{city} {quarter}: {adjective} {noun}',
    '{adjective} {noun} near {quarter} ({city})',
  ],
  zh: ['{city}{quarter}{adjective}{noun}', '{adjective}{noun}·{city}{quarter}'],
} as const
