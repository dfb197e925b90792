import type { SchemaElement } from "hyparquet";

/** NumPy-like kinds LeRobot knows; "image" is a struct of encoded bytes and a path. */
export type ColumnDtype = "float32" | "float64" | "int64" | "bool" | "string" | "image";

/** A column of a data table, from which the Parquet schema, LeRobot's feature entry and Hugging Face's types follow. */
export interface Column {
  /** Dots for nesting, no slashes. */
  readonly name: string;
  readonly dtype: ColumnDtype;
  /** `[1]` is a plain value, `[n]` a list of n, `[H, W, 3]` an image. */
  readonly shape: readonly number[];
  readonly names?: readonly string[] | undefined;
}

const PHYSICAL = { float32: "FLOAT", float64: "DOUBLE", int64: "INT64", bool: "BOOLEAN" } as const;

/** Parquet schema of a table, root first. */
export function parquetSchema(columns: readonly Column[]): SchemaElement[] {
  return [
    { name: "schema", repetition_type: "REQUIRED", num_children: columns.length },
    ...columns.flatMap((column): SchemaElement[] => {
      const { name, dtype } = column;
      if (dtype === "image")
        return [
          { name, repetition_type: "OPTIONAL", num_children: 2 },
          { name: "bytes", type: "BYTE_ARRAY", repetition_type: "OPTIONAL" },
          { name: "path", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
        ];
      return isList(column) ? listElements(name, leaf("element", dtype)) : [leaf(name, dtype)];
    }),
  ];
}

/** Schema elements of an optional list column, in the three-level form every reader knows. */
export const listElements = (name: string, element: SchemaElement): SchemaElement[] => [
  { name, repetition_type: "OPTIONAL", num_children: 1, converted_type: "LIST" },
  { name: "list", repetition_type: "REPEATED", num_children: 1 },
  element,
];

/** Schema element of a plain value. */
export function leaf(name: string, dtype: Exclude<ColumnDtype, "image">): SchemaElement {
  return dtype === "string"
    ? { name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" }
    : { name, type: PHYSICAL[dtype], repetition_type: "OPTIONAL" };
}

/** Whether values are lists of numbers. */
export const isList = ({ dtype, shape }: Column): boolean =>
  dtype !== "image" && !(shape.length === 1 && shape[0] === 1);

/** Value of the Parquet key "huggingface", from which `datasets` restores column types. */
export function huggingFaceMetadata(columns: readonly Column[]): string {
  const features = Object.fromEntries(
    columns.map((column) => {
      const value = { dtype: column.dtype, _type: "Value" };
      if (column.dtype === "image") return [column.name, { _type: "Image" }];
      return [column.name, isList(column) ? { feature: value, length: column.shape[0], _type: "List" } : value];
    }),
  );
  return JSON.stringify({ info: { features } });
}
