namespace ChineseClip.Model.Checkpoints;

internal static class MatrixLayout
{
    private const int Tile = 32;

    /// <summary>Row-major [rows, columns] to row-major [columns, rows], tile by tile for the cache's sake.</summary>
    public static float[] Transpose(float[] matrix, int rows, int columns)
    {
        float[] transposed = GC.AllocateUninitializedArray<float>(matrix.Length);
        for (int rowTile = 0; rowTile < rows; rowTile += Tile)
        {
            int rowEnd = Math.Min(rows, rowTile + Tile);
            for (int columnTile = 0; columnTile < columns; columnTile += Tile)
            {
                int columnEnd = Math.Min(columns, columnTile + Tile);
                for (int row = rowTile; row < rowEnd; row++)
                {
                    for (int column = columnTile; column < columnEnd; column++)
                    {
                        transposed[((long)column * rows) + row] = matrix[((long)row * columns) + column];
                    }
                }
            }
        }

        return transposed;
    }
}
