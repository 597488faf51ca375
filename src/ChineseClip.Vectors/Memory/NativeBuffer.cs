using System.Runtime.InteropServices;

namespace ChineseClip.Vectors.Memory;

/// <summary>A 64-byte aligned native array that grows by replacement; its content is lost when it grows.</summary>
internal sealed unsafe class NativeBuffer<T> : IDisposable where T : unmanaged
{
    private const int Alignment = 64;

    ~NativeBuffer() => NativeMemory.AlignedFree(Pointer);

    public T* Pointer { get; private set; }

    public int Length { get; private set; }

    /// <summary>At least <paramref name="length"/> elements; zeroed when newly allocated.</summary>
    public T* Reserve(int length)
    {
        if (length > Length)
        {
            int newLength = (int)Math.Min(Math.Max((long)length, Length * 3L / 2), int.MaxValue);
            NativeMemory.AlignedFree(Pointer);
            Pointer = null;
            Length = 0;
            nuint bytes = ((nuint)newLength * (nuint)sizeof(T) + Alignment - 1) & ~(nuint)(Alignment - 1);
            Pointer = (T*)NativeMemory.AlignedAlloc(bytes, Alignment);
            NativeMemory.Clear(Pointer, bytes);
            Length = newLength;
        }
        return Pointer;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
        Length = 0;
        GC.SuppressFinalize(this);
    }
}
