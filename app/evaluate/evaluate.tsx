'use client';

import { useEffect, useState } from 'react';
import { LEVEL_ATTACKS } from '@/lib/attacks/catalogue';
import { BUNDLED_MODELS } from '@/lib/bundled-models';
import type { BackendChoice } from '@/lib/engine/choose';
import { BOARDS, DEFAULT_SEED } from '@/lib/protocol/boards';
import { layersMemory, MAX_LAYERS_MEMORY } from '@/lib/protocol/plan';
import type { SavedRun } from '@/workers/browser/client';
import type { Inspection } from '@/workers/browser/messages';
import { ReportView } from '../_ui/report/report-view';
import { useHydrated } from '../_ui/use-hydrated';
import { Afterwards } from './afterwards';
import { BoardStep } from './board-step';
import { type Attacks, attacksOf, BOARD_CHOICES, type Extras, type Size } from './choices';
import { Interrupted } from './interrupted';
import { ModelStep } from './model-step';
import { type PickedModel, pickedFrom, sourceOf, titleOf } from './picked-model';
import { RunStep } from './run-step';
import { useEvaluation } from './use-evaluation';
import { useSavedRuns } from './use-saved-runs';
import { type View, viewQuery } from './view';

/** Whether what layer by layer keeps in memory is within bounds for so many images. */
function fits({ model, splits }: Inspection, board: string, size: Size): boolean {
  const { dataset } = BOARDS.get(board) ?? {};
  if (!dataset) return true;
  const samples = Math.min(size.samples, splits.test?.records ?? 0);
  const trainSamples = Math.min(size.trainSamples, splits.train?.records ?? 0);
  return layersMemory({ dataset, attacks: [...LEVEL_ATTACKS.pgd], samples, trainSamples }, model.layerBytes) <= MAX_LAYERS_MEMORY;
}

export function Evaluate({ initial }: { initial: View }) {
  const { state, inspect, start, goOn, stop, show, choose } = useEvaluation();
  const [picked, setPicked] = useState<PickedModel>();
  const [board, setBoard] = useState(initial.board);
  const [size, setSize] = useState<Size>(initial.size);
  const [attacks, setAttacks] = useState<Attacks>(initial.attacks);
  const [layers, setLayers] = useState(initial.layers);
  const [extras, setExtras] = useState<Extras>(initial.extras);
  const [backend, setBackend] = useState<BackendChoice>(initial.backend);
  const { phase } = state;
  const busy = phase.name === 'running';
  const locked = !useHydrated() || busy;
  const layersFit = !('inspection' in phase) || fits(phase.inspection, board, size);
  const measuresLayers = layers && layersFit;
  const { saved, discard } = useSavedRuns(busy);
  /** The run that was started last on this page. */
  const [current, setCurrent] = useState<string>();
  const broken =
    phase.name === 'stopped' || phase.name === 'failed' ? saved.find(({ id, report }) => id === current && !report) : undefined;

  const look = (next: { picked?: PickedModel; board?: string; backend?: BackendChoice }) => {
    const model = next.picked ?? picked;
    if (model) inspect({ source: sourceOf(model), board: next.board ?? board, backend: next.backend ?? backend });
    else choose();
  };

  const pick = (next: PickedModel) => {
    const dataset = next.kind === 'bundled' ? BUNDLED_MODELS.find((m) => m.id === next.id)?.dataset : undefined;
    const fits = BOARD_CHOICES.find((b) => b.id === board)?.dataset === dataset;
    const nextBoard = dataset && !fits ? (BOARD_CHOICES.find((b) => b.dataset === dataset)?.id ?? board) : board;
    setPicked(next);
    setBoard(nextBoard);
    look({ picked: next, board: nextBoard });
  };

  const query = viewQuery({
    ...(picked?.kind === 'bundled' ? { model: picked.id } : {}),
    ...(picked?.kind === 'site' ? { site: picked.model } : {}),
    ...(picked?.kind === 'site' && initial.run ? { run: initial.run } : {}),
    board,
    size,
    attacks,
    layers,
    extras,
    backend,
  });
  useEffect(() => {
    history.replaceState(null, '', query ? `?${query}` : location.pathname);
  }, [query]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, for the model that the address names.
  useEffect(() => {
    if (initial.model) pick({ kind: 'bundled', id: initial.model });
    if (initial.site) pick({ kind: 'site', model: initial.site });
  }, []);

  const run = () => {
    if (!picked || !('inspection' in phase)) return;
    const { splits, engine } = phase.inspection;
    if (broken) void discard(broken.id);
    const id = crypto.randomUUID();
    setCurrent(id);
    const samples = Math.min(size.samples, splits.test?.records ?? 0);
    start({
      keep: { id, title: titleOf(picked) },
      source: sourceOf(picked),
      board,
      backend,
      ...attacksOf(attacks, samples),
      samples,
      trainSamples: Math.min(size.trainSamples, splits.train?.records ?? 0),
      // Large batches keep a GPU busy; small ones keep progress lively on a processor.
      // A unit of AutoAttack takes minutes: smaller ones show sooner, and keep every processor busy on few images.
      batch:
        engine.backend === 'webgpu' && !engine.note ? (attacks.level === 'standard' ? 100 : 250) : attacks.level === 'standard' ? 10 : 50,
      seed: DEFAULT_SEED,
      layers: measuresLayers,
      ...extras,
    });
  };

  const continueRun = ({ id, request }: SavedRun) => {
    setCurrent(id);
    setPicked(pickedFrom(request.source));
    setBoard(request.board);
    setSize({ samples: request.samples, trainSamples: request.trainSamples });
    setAttacks({ level: request.level ?? 'pgd', autoattackSamples: request.autoattackSamples ?? attacks.autoattackSamples });
    setLayers(request.layers);
    setExtras({ checks: request.checks ?? false, curves: request.curves ?? false });
    setBackend(request.backend);
    goOn(request);
  };

  const showReport = ({ id, report }: SavedRun) => {
    if (!report) return;
    setCurrent(id);
    show(report);
  };

  return (
    <div className="mt-6 grid grid-cols-[minmax(0,1fr)] gap-8">
      {busy || phase.name === 'inspecting' ? null : (
        <Interrupted
          runs={saved.filter((r) => r !== broken && !(r.report && r.id === current))}
          onContinue={continueRun}
          onShow={showReport}
          onDiscard={({ id }) => void discard(id)}
        />
      )}
      <ModelStep
        named={picked?.kind === 'site' ? picked.model : initial.site}
        picked={picked}
        onPick={pick}
        disabled={locked}
        phase={phase}
      />
      <BoardStep
        board={board}
        onBoard={(next) => {
          setBoard(next);
          look({ board: next });
        }}
        size={size}
        onSize={setSize}
        attacks={attacks}
        onAttacks={setAttacks}
        layers={layers}
        layersFit={layersFit}
        onLayers={setLayers}
        extras={extras}
        onExtras={setExtras}
        backend={backend}
        onBackend={(next) => {
          setBackend(next);
          look({ backend: next });
        }}
        disabled={locked}
        phase={phase}
      />
      <RunStep
        state={state}
        board={board}
        size={size}
        attacks={attacks}
        layers={measuresLayers}
        extras={extras}
        onStart={run}
        onStop={stop}
        {...(broken ? { onContinue: () => continueRun(broken) } : {})}
      />
      {state.report ? <Afterwards report={state.report} run={initial.run} /> : null}
      {state.report ? <ReportView report={state.report} /> : null}
      {!state.report && (phase.name === 'running' || phase.name === 'stopped' || phase.name === 'failed') ? (
        <ReportView live={phase.run.live} board={board} running={phase.name === 'running'} />
      ) : null}
    </div>
  );
}
