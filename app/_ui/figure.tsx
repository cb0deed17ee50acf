/** A titled plot, drawn twice: narrow for phones and wide for the rest, so that its text keeps its size. */
import { SaveFigure } from './save-figure';

interface Props {
  title: string;
  className?: string;
  /** Draws the plot at a width in pixels. */
  draw(width: number): React.ReactNode;
}

export function Figure({ title, className, draw }: Props) {
  return (
    <figure className={`min-w-0 ${className ?? ''}`}>
      <figcaption className="mb-1 flex items-baseline justify-between gap-3 text-sm font-medium">
        {title}
        <SaveFigure title={title} />
      </figcaption>
      <div className="sm:hidden">{draw(340)}</div>
      <div className="hidden sm:block">{draw(600)}</div>
    </figure>
  );
}
