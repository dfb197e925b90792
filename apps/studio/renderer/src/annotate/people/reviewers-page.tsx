import { useQuery } from "@tanstack/react-query";
import { ProblemPanel } from "../../feedback/problem-panel.tsx";
import { host } from "../../host/client.ts";
import { problemOf } from "../../host/problem.ts";
import type { ReviewersReport, StoreItem } from "../../host/types.ts";
import { formatRoute } from "../../route/route.ts";
import { RoomLayout } from "../../shell/room-layout.tsx";
import { formatAgo, formatCount, formatFixed, formatPercent } from "../../text/format.ts";
import { storeCounts } from "../queries.ts";
import { ReviewProgress } from "../review/review-inspector.tsx";
import { StoreTabs } from "../store-tabs.tsx";
import { GoldPanel } from "./gold-panel.tsx";

/** Who has decided how much, how far reviewers agree, and how good the masks are against a trusted set. */
export function ReviewersPage({ store }: { store: StoreItem }) {
  const { storeId } = store;
  const { data: report, error } = useQuery({
    queryKey: ["annotate.reviewers", storeId],
    queryFn: () => host.annotate.reviewers.query({ storeId }),
    staleTime: 0,
  });
  const { data: counts } = useQuery(storeCounts(storeId));
  return (
    <RoomLayout
      id="reviewers"
      main={
        <>
          <StoreTabs store={store} current="reviewers" />
          <div className="people">
            {error && <ProblemPanel problem={problemOf(error)} />}
            <section>
              <h2 className="panel-title">Reviewers</h2>
              {counts && <ReviewProgress counts={counts} />}
              {report?.reviewers.length === 0 && <p className="secondary">Nobody has decided yet.</p>}
              {report !== undefined && report.reviewers.length > 0 && <Reviewers report={report} />}
            </section>
            {report !== undefined && report.pairs.length > 0 && (
              <section>
                <h2 className="panel-title">Agreement on episodes that two have decided</h2>
                <Pairs report={report} storeId={storeId} />
              </section>
            )}
            <GoldPanel store={store} />
          </div>
        </>
      }
    />
  );
}

function Reviewers({ report }: { report: ReviewersReport }) {
  const now = Date.now();
  return (
    <table className="table number" data-testid="reviewers">
      <thead>
        <tr>
          <th scope="col">Reviewer</th>
          {["Decided", "Accepted", "Fixed", "Rejected", "Hard", "Taken back", "Seconds each"].map((title) => (
            <th key={title} scope="col" className="right">
              {title}
            </th>
          ))}
          <th scope="col">Last</th>
        </tr>
      </thead>
      <tbody>
        {report.reviewers.map((one) => (
          <tr key={one.author}>
            <td>{one.author}</td>
            {[one.nDecided, one.accepted, one.corrected, one.rejected, one.hard, one.nTakenBack].map((n, i) => (
              <td key={i} className="right">
                {formatCount(n)}
              </td>
            ))}
            <td className="right">{one.medianSeconds === undefined ? "–" : formatFixed(one.medianSeconds, 1)}</td>
            <td className="secondary">{formatAgo(one.lastAt, now)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Pairs({ report, storeId }: { report: ReviewersReport; storeId: string }) {
  return (
    <table className="table number" data-testid="pairs">
      <thead>
        <tr>
          <th scope="col">Reviewers</th>
          <th scope="col" className="right">
            Episodes
          </th>
          <th scope="col" className="right">
            Same verdict
          </th>
          <th scope="col" className="right">
            Cohen’s κ
          </th>
          <th scope="col">They differ on</th>
        </tr>
      </thead>
      <tbody>
        {report.pairs.map(({ authors, nBoth, agreement, kappa, differ }) => (
          <tr key={authors.join()}>
            <td>{authors.join(" and ")}</td>
            <td className="right">{formatCount(nBoth)}</td>
            <td className="right">{formatPercent(agreement)}</td>
            <td className="right">{kappa === undefined ? "–" : formatFixed(kappa, 2)}</td>
            <td>
              {differ.map((episodeIndex) => (
                <a
                  key={episodeIndex}
                  className="differ"
                  href={formatRoute({ view: "review", storeId, params: { ep: `${episodeIndex}` } })}
                >
                  {episodeIndex}
                </a>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
