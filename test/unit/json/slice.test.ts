import fc from 'fast-check';
import { checkJson } from '../../../src/json/check.js';
import { kindOf, memberNames, readInteger, sliceArray, sliceObject } from '../../../src/json/slice.js';

const bytes = (text: string) => Buffer.from(text);
const text = (part: Uint8Array | undefined) => (part === undefined ? undefined : Buffer.from(part).toString());

describe('slices of a JSON text', () => {
  test('a value is its own slice, white space inside and all', () => {
    const post =
      ' [ { "ttl" : 60 , "body" : { "a" :\t[ 9007199254740993 ,1.0 ],\n"😀": "\\u00e9]}" } } , {"body":null,"ttl":300}]\n';
    const [first, second] = sliceArray(bytes(post)).map((part) => sliceObject(part, ['ttl', 'body']));
    expect(text(first?.get('body'))).toBe('{ "a" :\t[ 9007199254740993 ,1.0 ],\n"😀": "\\u00e9]}" }');
    expect(text(first?.get('ttl'))).toBe('60');
    expect(text(second?.get('body'))).toBe('null');
  });

  test('is a view of the request, not a copy', () => {
    const request = bytes('[{"body":"x"}]');
    const body = sliceObject(sliceArray(request)[0]!, ['body']).get('body');
    expect(body?.buffer).toBe(request.buffer);
  });

  test('the last of several members counts, escapes in names are read, unknown ones dropped', () => {
    const members = sliceObject(
      bytes('{"ttl":1,"x":[{"ttl":7}],"\\u0074tl":2,"__proto__":{"ttl":3},"tt":4,"ttll":5}'),
      ['ttl'],
    );
    expect(members.size).toBe(1);
    expect(text(members.get('ttl'))).toBe('2');
  });

  test('empty arrays and objects have no parts', () => {
    expect(sliceArray(bytes(' [ \n] '))).toEqual([]);
    expect(sliceObject(bytes(' {  } '), ['a']).size).toBe(0);
    expect(memberNames(bytes('{}'))).toEqual([]);
  });

  test('names are given as text', () => {
    expect(memberNames(bytes('{ "a" : {"b":1} , "\\u005fx": [] , "é" :"}" }'))).toEqual(['a', '_x', 'é']);
  });

  test.each([
    ['60', 60n],
    ['-9223372036854775808', -9223372036854775808n],
    ['9007199254740993', 9007199254740993n],
    ['60.0', null],
    ['6e1', null],
    ['"60"', null],
    ['true', null],
    ['null', null],
    ['[60]', null],
    ['1'.repeat(30), null],
  ])('reads %s as the integer %s', (value, expected) => {
    expect(readInteger(bytes(value))).toBe(expected);
  });

  test.each([
    [' {}', 'object'],
    ['\n[]', 'array'],
    ['"a"', 'string'],
    ['-1', 'number'],
    ['true', 'boolean'],
    ['false', 'boolean'],
    ['null', 'null'],
  ])('knows what %s is', (value, kind) => {
    expect(kindOf(bytes(value))).toBe(kind);
  });

  const spaces = fc.stringMatching(/^[ \t\r\n]{0,3}$/);

  test('taking any object or array apart and joining it gives the values back', () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), spaces, (values, indent) => {
        const source = bytes(indent + JSON.stringify(values, null, indent) + indent);
        expect(['integer', undefined]).toContain(checkJson(source, 1_000)?.kind); // doubles may print as wide integers
        const parts = sliceArray(source);
        expect(parts.map((part) => JSON.parse(text(part)!) as unknown)).toEqual(JSON.parse(source.toString()));
        for (const part of parts) {
          const parsed = JSON.parse(text(part)!) as object;
          expect(new Set(memberNames(part))).toEqual(new Set(Object.keys(parsed)));
        }
      }),
    );
  });

  test('the check agrees with the parser on mutated texts, and slicing what it passes never fails', () => {
    const mutated = fc
      .tuple(
        fc.array(fc.dictionary(fc.string(), fc.jsonValue())),
        fc.nat(),
        fc.constantFrom(...'[]{}",:\\ 09e-.ntf\u0000'),
      )
      .map(([value, at, mutation]) => {
        const sound = JSON.stringify(value);
        const cut = at % (sound.length + 1);
        return sound.slice(0, cut) + mutation + sound.slice(cut + (at % 2));
      });
    const parses = (source: string) => {
      try {
        JSON.parse(source);
        return true;
      } catch {
        return false;
      }
    };
    fc.assert(
      fc.property(mutated, (source) => {
        const fault = checkJson(bytes(source), 1_000);
        expect(fault === null || fault.kind === 'integer').toBe(parses(source));
        if (fault !== null || kindOf(bytes(source)) !== 'array') return;
        expect(sliceArray(bytes(source)).length).toBe((JSON.parse(source) as unknown[]).length);
      }),
      { numRuns: 2_000 },
    );
  });
});
