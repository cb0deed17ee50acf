/** What was refused, said where it was asked for. */
export function ProblemLine({ text }: { text: string | undefined }) {
  return text ? (
    <p role="alert" className="w-full text-sm text-bad">
      {text}
    </p>
  ) : null;
}
