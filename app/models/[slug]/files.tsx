/** The files themselves, by their hashes. */
import { bytes } from '@/app/_ui/format';
import { Panel } from '@/app/_ui/report/panel';
import { ScrollArea } from '@/app/_ui/scroll-area';
import type { filesOf } from '@/db/queries/models';

interface Props {
  slug: string;
  version: number;
  files: Awaited<ReturnType<typeof filesOf>>;
}

export function Files({ slug, version, files }: Props) {
  return (
    <Panel id="files" title="Download" lead="A TensorFlow.js model: model.json and its weights.">
      <ScrollArea label="Files">
        <table className="text-sm">
          <tbody>
            {files.map((file) => (
              <tr key={file.path} className="border-b border-line last:border-b-0">
                <th scope="row" className="py-1.5 pr-4 text-left font-normal">
                  <a
                    href={`/api/v1/models/${slug}/versions/${version}/files/${file.path.split('/').map(encodeURIComponent).join('/')}`}
                    className="underline underline-offset-2"
                    download
                  >
                    {file.path}
                  </a>
                </th>
                <td className="py-1.5 pr-4 text-right whitespace-nowrap">{bytes(file.bytes)}</td>
                <td className="py-1.5 font-mono text-xs text-muted">{file.sha256}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollArea>
    </Panel>
  );
}
