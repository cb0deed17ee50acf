/** What has to be said of attacks on so few classes; nothing from four on. */
export function fewClassesNotes(classes: number, attacks: readonly string[]): string[] {
  const asked = (id: string, needed: number) => attacks.includes(id) && classes < needed;
  return [
    ...(asked('apgd-dlr', 3) ? [`apgd-dlr: DLR needs three classes, there are ${classes}; the margin of the logits takes its place`] : []),
    ...(asked('apgd-t', 4)
      ? [`apgd-t: targeted DLR needs four classes, there are ${classes}; the difference of the logits takes its place`]
      : []),
  ];
}
