import postgres from 'postgres';
const u = process.argv[2];
const sql = postgres(u, { max: 1, onnotice() {} });
const rows =
  await sql`select calls, round(total_exec_time)::int as ms, round((mean_exec_time)::numeric,2) as mean, rows, left(regexp_replace(query,'\s+',' ','g'),110) as q from pg_stat_statements order by total_exec_time desc limit 28`;
for (const r of rows)
  console.log(
    String(r.calls).padStart(8),
    String(r.ms).padStart(8),
    String(r.mean).padStart(9),
    r.q,
  );
await sql.end();
