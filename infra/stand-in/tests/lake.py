"""What tests of Athena share: a small lake, and queries on it."""

import io
import time
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from conftest import Client

SERDE = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"


class Lake:
    """A database "d" in a bucket "lake", and queries on it."""

    def __init__(self, stand_in: Client) -> None:
        self.glue, self.s3, self.athena = map(stand_in.client, ("glue", "s3", "athena"))
        self.s3.create_bucket(Bucket="lake")
        self.s3.create_bucket(Bucket="results")
        self.glue.create_database(DatabaseInput={"Name": "d"})

    def table(self, name: str, columns: dict[str, str], keys: dict[str, str] | None = None, **more: Any) -> None:
        """Makes a table at s3://lake/<name>/."""
        described = {
            "Name": name,
            "StorageDescriptor": self.storage(columns, f"s3://lake/{name}/"),
            "PartitionKeys": [{"Name": key, "Type": kind} for key, kind in (keys or {}).items()],
            **more,
        }
        self.glue.create_table(DatabaseName="d", TableInput=described)

    @staticmethod
    def storage(columns: dict[str, str], location: str) -> dict[str, Any]:
        """A StorageDescriptor of Parquet."""
        listed = [{"Name": column, "Type": kind} for column, kind in columns.items()]
        return {"Columns": listed, "Location": location, "SerdeInfo": {"SerializationLibrary": SERDE}}

    def put(self, key: str, rows: dict[str, Any]) -> int:
        """Writes a Parquet file and gives its size."""
        file = io.BytesIO()
        pq.write_table(pa.table(rows), file, compression="none")
        self.s3.put_object(Bucket="lake", Key=key, Body=file.getvalue())
        return len(file.getvalue())

    def register(self, table: str, *values: str) -> None:
        """Registers the partition at s3://lake/<table>/<values>/."""
        storage = self.storage({}, f"s3://lake/{table}/{'/'.join(values)}/")
        self.glue.create_partition(
            DatabaseName="d", TableName=table, PartitionInput={"Values": list(values), "StorageDescriptor": storage}
        )

    def start(self, text: str, *parameters: str, **more: Any) -> str:
        """Starts a query."""
        if parameters:
            more["ExecutionParameters"] = list(parameters)
        more.setdefault("QueryExecutionContext", {"Database": "d"})
        more.setdefault("ResultConfiguration", {"OutputLocation": "s3://results/out"})
        return self.athena.start_query_execution(QueryString=text, **more)["QueryExecutionId"]

    def ended(self, query: str) -> dict[str, Any]:
        """How a query ended."""
        for _ in range(1_000):
            found = self.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            if found["Status"]["State"] not in ("QUEUED", "RUNNING"):
                return found
            time.sleep(0.01)
        raise AssertionError("still running")

    def rows(self, text: str, *parameters: str) -> list[list[str | None]]:
        """What a query gives, with its header."""
        query = self.start(text, *parameters)
        found = self.ended(query)
        assert found["Status"]["State"] == "SUCCEEDED", found["Status"]
        result = self.athena.get_query_results(QueryExecutionId=query)["ResultSet"]
        return [[cell.get("VarCharValue") for cell in row["Data"]] for row in result["Rows"]]

    def value(self, expression: str) -> str | None:
        """What one expression gives."""
        return self.rows(f"SELECT {expression}")[1][0]

    def reason(self, text: str, *parameters: str) -> str:
        """Why a query fails."""
        status = self.ended(self.start(text, *parameters))["Status"]
        assert status["State"] == "FAILED", status
        return status["StateChangeReason"]

    def scanned(self, text: str, *parameters: str) -> int:
        """How much a query reads."""
        found = self.ended(self.start(text, *parameters))
        assert found["Status"]["State"] == "SUCCEEDED", found["Status"]
        return found["Statistics"]["DataScannedInBytes"]
