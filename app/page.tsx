import Link from 'next/link';
import { CONDITION_ORDER, CONDITIONS } from './_ui/conditions';
import { ConditionName } from './_ui/marker';

export default function Home() {
  return (
    <div className="max-w-3xl">
      <h1 className="text-2xl font-semibold tracking-tight">How robust is a classifier, and how far has it collapsed?</h1>
      <p className="mt-4 text-lg">
        Simplexity measures image classifiers twice over: how many test images an attacker inside a small ball can flip, and how close the
        network’s last features have come to a{' '}
        <abbr title="As many points as classes, all equally far apart: where class means end up at neural collapse.">simplex</abbr>. Your
        browser does the measuring, on its GPU where there is one, so you can check any number yourself.
      </p>
      <p className="mt-6">
        <Link href="/evaluate" className="inline-block rounded-md bg-accent px-4 py-2 font-medium text-accent-fg">
          Evaluate a model
        </Link>
      </p>
      <h2 className="mt-10 text-lg font-semibold">What is measured</h2>
      <dl className="mt-3 grid gap-x-8 gap-y-3 sm:grid-cols-[11rem_1fr]">
        {CONDITION_ORDER.map((c) => (
          <div key={c} className="contents">
            <dt className="font-medium">
              <ConditionName condition={c} />
            </dt>
            <dd className="text-muted">{CONDITIONS[c].meaning}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-6 text-muted">
        Under each condition accuracy is counted on test images, and neural collapse (NC1 to NC4) on the features of training images. The
        same code runs in the terminal: <code className="font-mono text-sm">npm run -s evaluate -- --help</code>.
      </p>
    </div>
  );
}
