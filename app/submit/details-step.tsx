'use client';

import { useId, useState } from 'react';
import type { Board } from '@/lib/protocol/boards';
import { Step } from '../evaluate/step';
import { Choice } from '../signin/choice';
import { field } from '../signin/controls';
import { COMMON_LICENCES, type DetailField, type Details, EMPTY, OTHER_LICENCE, RECIPES, usualEpsilon } from './details';

export interface OwnModel {
  slug: string;
  name: string;
  board: string;
  details: Details;
}

interface Props {
  /** Models that this may be the next version of, with the details of their newest. */
  ownModels: readonly OwnModel[];
  details: Details;
  onDetails(details: Details): void;
  problems: Partial<Record<DetailField, string>>;
  board: Board;
  disabled: boolean;
  /** Why they can't be changed any more. */
  children?: React.ReactNode;
}

export function DetailsStep({ ownModels, details, onDetails, problems, board, disabled, children }: Props) {
  const id = useId();
  /** What was typed for a new model before an own one was chosen. */
  const [aside, setAside] = useState(EMPTY);
  const set = (change: Partial<Details>) => onDetails({ ...details, ...change });
  const row = (name: DetailField, label: string, control: (attributes: object) => React.ReactNode, hint?: string) => (
    <div className="grid content-start gap-1 text-sm">
      <label htmlFor={`${id}-${name}`} className="text-muted">
        {label}
      </label>
      {control({
        id: `${id}-${name}`,
        name,
        className: field,
        'aria-invalid': problems[name] !== undefined || undefined,
        'aria-describedby': [hint ? `${id}-${name}-hint` : '', problems[name] ? `${id}-${name}-problem` : ''].join(' ').trim() || undefined,
      })}
      {hint ? (
        <p id={`${id}-${name}-hint`} className="text-xs text-muted">
          {hint}
        </p>
      ) : null}
      {problems[name] ? (
        <p id={`${id}-${name}-problem`} className="text-bad">
          {problems[name]}
        </p>
      ) : null}
    </div>
  );
  const text = (name: 'name' | 'extraData' | 'epsilon' | 'paperUrl' | 'codeUrl' | 'otherLicence', more: object) => (attributes: object) => (
    <input value={details[name]} onChange={(event) => set({ [name]: event.target.value })} autoComplete="off" {...more} {...attributes} />
  );
  return (
    <Step number={2} title="Details">
      {children}
      <fieldset disabled={disabled} className="grid gap-x-6 gap-y-4 sm:grid-cols-2">
        <legend className="sr-only">Details</legend>
        {ownModels.length > 0 ? (
          <label className="grid gap-1 text-sm sm:col-span-2">
            <span className="text-muted">This is</span>
            <select
              className={field}
              value={details.model}
              onChange={(event) => {
                const chosen = ownModels.find((m) => m.slug === event.target.value);
                if (details.model === '') setAside(details);
                // What the last version said is where the next begins.
                onDetails(chosen ? { ...chosen.details, model: chosen.slug } : aside);
              }}
            >
              <option value="">a new model</option>
              {ownModels.map(({ slug, name }) => (
                <option key={slug} value={slug}>
                  the next version of {name}
                </option>
              ))}
            </select>
          </label>
        ) : null}
        {row(
          'name',
          'Name',
          text('name', { maxLength: 80, required: true, readOnly: details.model !== '' }),
          details.model ? 'All versions of a model have one name.' : 'As it will stand on the board.',
        )}
        {row(
          'licence',
          'Licence',
          (attributes) => (
            <select value={details.licence} onChange={(event) => set({ licence: event.target.value })} required {...attributes}>
              <option value="">Choose one</option>
              {COMMON_LICENCES.map((l) => (
                <option key={l.id} value={l.id}>
                  {l.label}
                </option>
              ))}
              <option value={OTHER_LICENCE}>Another one of the SPDX list</option>
            </select>
          ),
          'Of the weights. Public models can be downloaded by everybody.',
        )}
        {details.licence === OTHER_LICENCE
          ? row('otherLicence', 'SPDX identifier', text('otherLicence', { maxLength: 60, placeholder: 'EUPL-1.2' }))
          : null}
        <div className="sm:col-span-2">
          <Choice
            legend="Training recipe"
            name={`${id}-recipe`}
            options={RECIPES}
            value={details.recipe}
            // A radius that was typed stays; one that was filled in follows the recipe.
            onChange={(recipe) =>
              set({ recipe, ...(details.epsilon === usualEpsilon(details.recipe, board) ? { epsilon: usualEpsilon(recipe, board) } : {}) })
            }
          />
        </div>
        {row(
          'epsilon',
          'ε of the training',
          text('epsilon', { maxLength: 20 }),
          `In pixel units of [0, 1], such as ${board.epsilonLabel}; empty if there was no attack in it.`,
        )}
        <div className="grid content-start gap-3">
          <Choice
            legend="Data besides the training split"
            name={`${id}-extra`}
            options={[
              { id: 'none', label: 'None' },
              { id: 'some', label: 'Some' },
            ]}
            value={details.noExtraData ? 'none' : 'some'}
            onChange={(chosen) => set({ noExtraData: chosen === 'none' })}
          />
          {details.noExtraData ? null : row('extraData', 'Which', text('extraData', { maxLength: 200, placeholder: '1 M images of DDPM' }))}
        </div>
        {row(
          'paperUrl',
          'Paper (optional)',
          text('paperUrl', { type: 'url', inputMode: 'url', maxLength: 500, placeholder: 'https://arxiv.org/abs/…' }),
        )}
        {row(
          'codeUrl',
          'Code (optional)',
          text('codeUrl', { type: 'url', inputMode: 'url', maxLength: 500, placeholder: 'https://github.com/…' }),
        )}
        <div className="sm:col-span-2">
          {row('description', 'Description (optional)', (attributes) => (
            <textarea
              rows={3}
              maxLength={2000}
              value={details.description}
              onChange={(event) => set({ description: event.target.value })}
              {...attributes}
              className={field.replace('h-9', '')}
            />
          ))}
        </div>
      </fieldset>
    </Step>
  );
}
