import { expect, test } from "vitest";
import { remembered } from "../src/model/windows.ts";

test("what was made from the same thing is the same", () => {
  let made = 0;
  const read = remembered((list: readonly number[]) => [list.length, (made += 1)]);
  const list = [1, 2];
  expect(read(list)).toBe(read(list));
  expect(read([...list])).toEqual([2, 2]);
});
