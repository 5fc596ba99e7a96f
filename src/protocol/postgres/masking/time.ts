/**
 * Dates and times in binary: days and microseconds since 2000-01-01 in the proleptic Gregorian
 * calendar, with the extreme integers for ±infinity (date.c, timestamp.c).
 */
const DAY_US = 86_400_000_000n
const SECOND_US = 1_000_000n
/** From 0000-03-01 to 2000-01-01. */
const DAYS_TO_2000 = 730_425
const DAYS_IN_ERA = 146_097

const DATE_INFINITY = 0x7fff_ffff
const DATE_MINUS_INFINITY = -0x8000_0000
const STAMP_INFINITY = 0x7fff_ffff_ffff_ffffn
const STAMP_MINUS_INFINITY = -0x8000_0000_0000_0000n

export function decodeDate(days: number): string {
  if (days === DATE_INFINITY) return 'infinity'
  if (days === DATE_MINUS_INFINITY) return '-infinity'
  const { text, isBC } = calendar(days)
  return isBC ? `${text} BC` : text
}

export function decodeTimestamp(us: bigint, zone: '' | '+00'): string {
  if (us === STAMP_INFINITY) return 'infinity'
  if (us === STAMP_MINUS_INFINITY) return '-infinity'
  const remainder = us % DAY_US
  const inDay = remainder < 0n ? remainder + DAY_US : remainder
  const { text, isBC } = calendar(Number((us - inDay) / DAY_US))
  return `${text} ${decodeTime(inDay)}${zone}${isBC ? ' BC' : ''}`
}

/** Microseconds since midnight, as `HH:MM:SS[.ffffff]`; an interval may have more hours, or a sign. */
export function decodeTime(us: bigint): string {
  const isNegative = us < 0n
  const total = isNegative ? -us : us
  const seconds = total / SECOND_US
  const fraction = String(total % SECOND_US)
    .padStart(6, '0')
    .replace(/(?<!0)0+$/, '')
  const clock = [seconds / 3600n, (seconds / 60n) % 60n, seconds % 60n]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
  return (isNegative ? '-' : '') + clock + (fraction === '' ? '' : `.${fraction}`)
}

export function decodeInterval(us: bigint, days: number, months: number): string {
  return [
    months === 0 ? '' : `${months} mons`,
    days === 0 ? '' : `${days} days`,
    us === 0n && (months !== 0 || days !== 0) ? '' : decodeTime(us),
  ]
    .filter((part) => part !== '')
    .join(' ')
}

/** Seconds west of Greenwich, as PostgreSQL keeps them. */
export function decodeZone(secondsWest: number): string {
  const east = -secondsWest
  const minutes = Math.floor(Math.abs(east) / 60)
  const hours = String(Math.floor(minutes / 60)).padStart(2, '0')
  const rest = minutes % 60 === 0 ? '' : `:${String(minutes % 60).padStart(2, '0')}`
  return `${east < 0 ? '-' : '+'}${hours}${rest}`
}

const DATE = /^(\d{4,7})-(\d\d)-(\d\d)( BC)?$/
const STAMP = /^(\d{4,7}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,6})?)(?:\+00)?( BC)?$/
const TIME = /^(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/

/** Undefined where the text is not what `decodeDate` writes. */
export function encodeDate(text: string): number | undefined {
  if (text === 'infinity') return DATE_INFINITY
  if (text === '-infinity') return DATE_MINUS_INFINITY
  const [, year, month, day, bc] = DATE.exec(text) ?? []
  if (year === undefined) return undefined
  return daysFrom(bc === undefined ? Number(year) : 1 - Number(year), Number(month), Number(day))
}

export function encodeTimestamp(text: string): bigint | undefined {
  if (text === 'infinity') return STAMP_INFINITY
  if (text === '-infinity') return STAMP_MINUS_INFINITY
  const [, date, time, bc = ''] = STAMP.exec(text) ?? []
  const days = date === undefined ? undefined : encodeDate(date + bc)
  const us = time === undefined ? undefined : encodeTime(time)
  return days === undefined || us === undefined ? undefined : BigInt(days) * DAY_US + us
}

export function encodeTime(text: string): bigint | undefined {
  const [, hours, minutes, seconds, fraction = ''] = TIME.exec(text) ?? []
  if (hours === undefined) return undefined
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  return BigInt(total) * SECOND_US + BigInt(fraction.padEnd(6, '0'))
}

/** Years are counted from March, so that the leap day is a year's last. */
function calendar(days: number): { text: string; isBC: boolean } {
  const since = days + DAYS_TO_2000
  const era = Math.floor(since / DAYS_IN_ERA)
  const ofEra = since - era * DAYS_IN_ERA
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36524) - Math.floor(ofEra / 146096)) /
      365,
  )
  const ofYear = ofEra - daysBeforeYear(yearOfEra)
  const marchMonth = Math.floor((5 * ofYear + 2) / 153)
  const day = ofYear - Math.floor((153 * marchMonth + 2) / 5) + 1
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  const shown = year > 0 ? year : 1 - year
  const pad = (value: number, width: number) => String(value).padStart(width, '0')
  return { text: `${pad(shown, 4)}-${pad(month, 2)}-${pad(day, 2)}`, isBC: year <= 0 }
}

function daysFrom(year: number, month: number, day: number): number {
  const fromMarch = month <= 2 ? year - 1 : year
  const era = Math.floor(fromMarch / 400)
  const ofYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  return era * DAYS_IN_ERA + daysBeforeYear(fromMarch - era * 400) + ofYear - DAYS_TO_2000
}

function daysBeforeYear(yearOfEra: number): number {
  return yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100)
}
