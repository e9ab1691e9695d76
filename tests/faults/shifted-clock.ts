/** Loaded before a process of ours (`node --import`): its clock goes wrong by `LECTERN_FAULT_CLOCK_SHIFT_MS`. */
const shiftMs = Number(process.env['LECTERN_FAULT_CLOCK_SHIFT_MS'] ?? 0);
const TrueDate = Date;

class ShiftedDate extends TrueDate {
  constructor(...values: [] | [number | string]) {
    super(values[0] ?? ShiftedDate.now());
  }
  static override now(): number {
    return TrueDate.now() + shiftMs;
  }
}
globalThis.Date = ShiftedDate as DateConstructor;
