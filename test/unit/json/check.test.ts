import { checkJson } from '../../../src/json/check.js';

const check = (text: string, maxDepth = 1_000) => checkJson(Buffer.from(text), maxDepth)?.kind ?? null;

describe('checkJson', () => {
  test.each([
    ['null'],
    [' {"a": [1, 2.5, -0, 1e400, true, false, null, "x"]}\r\n\t'],
    ['"\\ud83d\\ude00 \\" \\\\ \\/"'],
    ['{"__proto__": {"polluted": true}, "": 1, "": 2}'],
    ['9223372036854775807'],
    ['-9223372036854775808'],
    ['[12345678901234567890.5]'],
    ['[12345678901234567890e1]'],
    ['{"99999999999999999999": "99999999999999999999"}'],
    ['["\\"99999999999999999999"]'],
  ])('finds no fault in %s', (text) => {
    expect(check(text)).toBeNull();
  });

  test.each([
    ['', 'syntax'],
    ['  ', 'syntax'],
    ['{', 'syntax'],
    ['{"a":1,}', 'syntax'],
    ["{'a':1}", 'syntax'],
    ['[1] 2', 'syntax'],
    ['[01]', 'syntax'],
    ['[00000000000000000001]', 'syntax'],
    ['NaN', 'syntax'],
    ['[Infinity]', 'syntax'],
    ['[-Infinity]', 'syntax'],
    ['"a\nb"', 'syntax'],
    ['\ufeff{}', 'syntax'],
    ['\u00a0{}', 'syntax'],
    ['9223372036854775808', 'integer'],
    ['-9223372036854775809', 'integer'],
    ['{"a":[[[{"b":99999999999999999999}]]]}', 'integer'],
    ['["9223372036854775808", 9223372036854775808]', 'integer'],
    [`[${'9'.repeat(100_000)}]`, 'integer'],
  ])('finds the fault in %.60s', (text, kind) => {
    expect(check(text)).toBe(kind);
  });

  test.each([
    ['a byte that is in no UTF-8', [0x22, 0xff, 0x22]],
    ['an overlong form', [0x22, 0xc0, 0x80, 0x22]],
    ['half of a surrogate pair', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a cut character', [0x22, 0xf0, 0x9f, 0x98, 0x22]],
    ['UTF-16', [0x22, 0x00, 0xff, 0xfe]],
  ])('refuses %s', (_what, bytes) => {
    expect(checkJson(Uint8Array.from(bytes), 10)?.kind).toBe('encoding');
  });

  test('counts nesting, not brackets in strings or side by side', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(check(nested(1_000))).toBeNull();
    expect(check(nested(1_001))).toBe('depth');
    expect(check(nested(200_000))).toBe('depth');
    expect(check('{"a":'.repeat(1_001) + '1' + '}'.repeat(1_001))).toBe('depth');
    expect(check(JSON.stringify('['.repeat(5_000)))).toBeNull();
    expect(check(JSON.stringify('\\"['.repeat(5_000)))).toBeNull();
    expect(check(`[${'[],'.repeat(5_000)}{}]`)).toBeNull();
  });

  test('takes a megabyte of escapes beside a wide integer without a stack of its own', () => {
    expect(check(`["${'\\u0041'.repeat(170_000)}", 99999999999999999999]`)).toBe('integer');
  });

  test('says what was expected and shows no more than a glimpse of the text', () => {
    const fault = checkJson(Buffer.from(`[${'9'.repeat(1_000)}]`), 10);
    expect(fault?.description).toMatch(/^The integer 9{40}… is outside/);
  });
});
