using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ChineseClip.Vectors.Memory;

/// <summary>Memory of one chunk: zeroed, aligned to 2 MiB, from the system directly or mapped from a file.</summary>
/// <remarks>
/// Mapped privately: what is written goes to pages of our own, never to the file. The file must not be shortened meanwhile.
/// Systems other than Linux read the file instead of mapping it, and get no huge pages.
/// </remarks>
internal static unsafe partial class ChunkMemory
{
    public const int Alignment = 2 << 20;

    private const int ReadWrite = 0x1 | 0x2;
    private const int Private = 0x2;
    private const int Fixed = 0x10;
    private const int Anonymous = 0x20;
    private const int AdviseHugePage = 14;
    private const nint MapFailed = -1;

    public static byte* Allocate(nuint bytes)
    {
        GC.AddMemoryPressure((long)bytes);
        if (!OperatingSystem.IsLinux())
        {
            byte* block = (byte*)NativeMemory.AlignedAlloc(bytes, Alignment);
            NativeMemory.Clear(block, bytes);
            return block;
        }
        // Too much is asked for and what lies outside the aligned part given back.
        nuint asked = bytes + Alignment;
        byte* start = MapOrThrow(null, asked, Private | Anonymous, -1);
        byte* aligned = (byte*)(((nuint)start + Alignment - 1) & ~(nuint)(Alignment - 1));
        Unmap(start, (nuint)(aligned - start));
        Unmap(aligned + bytes, (nuint)(start + asked - (aligned + bytes)));
        return aligned;
    }

    /// <summary>A chunk that begins with the first <paramref name="fileBytes"/> of a file; the rest is zero.</summary>
    public static byte* Map(SafeFileHandle file, nuint fileBytes, nuint bytes)
    {
        byte* chunk = Allocate(bytes);
        try
        {
            if (OperatingSystem.IsLinux())
            {
                MapOrThrow(chunk, fileBytes, Private | Fixed, (int)file.DangerousGetHandle());
            }
            else
            {
                ReadInto(file, new Span<byte>(chunk, (int)fileBytes));
            }
            return chunk;
        }
        catch
        {
            Free(chunk, bytes);
            throw;
        }
    }

    public static void Free(byte* chunk, nuint bytes)
    {
        GC.RemoveMemoryPressure((long)bytes);
        if (OperatingSystem.IsLinux())
        {
            Unmap(chunk, bytes);
        }
        else
        {
            NativeMemory.AlignedFree(chunk);
        }
    }

    /// <summary>Asks for 2 MiB pages: fewer TLB misses on random rows. A hint; failure changes nothing.</summary>
    public static void AskForHugePages(byte* chunk, nuint bytes)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Madvise(chunk, bytes, AdviseHugePage);
        }
    }

    private static void ReadInto(SafeFileHandle file, Span<byte> target)
    {
        for (int done = 0; done < target.Length;)
        {
            int count = RandomAccess.Read(file, target[done..], done);
            if (count == 0)
            {
                throw new EndOfStreamException($"the file ended after {done} of {target.Length} bytes.");
            }
            done += count;
        }
    }

    private static byte* MapOrThrow(byte* address, nuint bytes, int flags, int file)
    {
        byte* mapped = Mmap(address, bytes, ReadWrite, flags, file, 0);
        return (nint)mapped != MapFailed
            ? mapped
            : throw new InsufficientMemoryException(
                $"{bytes} bytes of memory could not be mapped: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}.");
    }

    private static void Unmap(byte* address, nuint bytes)
    {
        if (bytes > 0)
        {
            _ = Munmap(address, bytes);
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial byte* Mmap(byte* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Munmap(byte* address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Madvise(void* address, nuint length, int advice);
}
